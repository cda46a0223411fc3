import { type Static, Type } from 'typebox';

/** RFC 9457 problem document. `code` is stable; `errors` names the fields of bad input by JSON pointer. */
export const Problem = Type.Object({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  detail: Type.String(),
  code: Type.String(),
  errors: Type.Optional(Type.Array(Type.Object({ pointer: Type.String(), detail: Type.String() }))),
});
export type Problem = Static<typeof Problem>;
