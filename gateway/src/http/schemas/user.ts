import { type Static, Type } from 'typebox';
import { Id, Named } from './page.ts';

export const Role = Type.Union([Type.Literal('member'), Type.Literal('admin')]);

/** The signed-in user. */
export const Me = Type.Object({
  user: Type.Object({ id: Id, name: Type.String(), email: Type.String() }),
  account: Named,
  role: Role,
});
export type Me = Static<typeof Me>;

export const User = Type.Object({ id: Id, name: Type.String(), role: Role, left: Type.Boolean() });
export type User = Static<typeof User>;

export const UserChange = Type.Object({ left: Type.Boolean() }, { additionalProperties: false });
