import { type Static, Type } from 'typebox';
import { Id } from './page.ts';
import { Name } from './source.ts';

export const Workspace = Type.Object({
  id: Id,
  name: Type.String(),
  administered: Type.Boolean(),
  sourceCount: Type.Integer(),
  needsRenewalCount: Type.Integer(),
});
export type Workspace = Static<typeof Workspace>;

export const NewWorkspace = Type.Object({ name: Name }, { additionalProperties: false });
export type NewWorkspace = Static<typeof NewWorkspace>;

export const Membership = Type.Object(
  { membership: Type.Union([Type.Literal('none'), Type.Literal('member'), Type.Literal('admin')]) },
  { additionalProperties: false },
);
