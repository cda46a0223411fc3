import { type Static, Type } from 'typebox';
import { Id, Named, Nullable, Time } from './page.ts';

/** An OAuth transaction that was begun: send the browser to `authorizationUrl`. `heals`: what it will mend. */
export const Authorization = Type.Object({
  id: Id,
  authorizationUrl: Type.String({ format: 'uri' }),
  expiresAt: Time,
  heals: Type.Array(Named),
});
export type Authorization = Static<typeof Authorization>;

export const AuthorizationStatus = Type.Union([
  Type.Literal('pending'),
  Type.Literal('succeeded'),
  Type.Literal('insufficient_scope'),
  Type.Literal('wrong_account'),
  Type.Literal('cancelled'),
  Type.Literal('failed'),
  Type.Literal('expired'),
]);
export type AuthorizationStatus = Static<typeof AuthorizationStatus>;

/** How an OAuth transaction went. Accounts are masked. */
export const AuthorizationOutcome = Type.Object({
  id: Id,
  status: AuthorizationStatus,
  renewal: Type.Boolean(),
  expiresAt: Time,
  heals: Type.Array(Named),
  connectorId: Id,
  providerName: Type.String(),
  /** The provider account the credential belongs to, masked; null where none is known yet. */
  providerAccount: Nullable(Type.String()),
  /** The page it returns to. */
  returnTo: Type.String(),
  sourceId: Nullable(Id),
  authorizedConnectionId: Nullable(Id),
  missingScopes: Type.Array(Type.String()),
  /** Of `insufficient_scope`: the access that was there works on, unchanged. */
  formerAccessStays: Type.Boolean(),
  /** What a release had come to need of something that worked: the renewal asked for more, and healed nothing. */
  upgradeScopes: Type.Array(Type.String()),
  /** Of `wrong_account`. */
  expectedAccount: Nullable(Type.String()),
  actualAccount: Nullable(Type.String()),
  /** Of `failed` and `cancelled`: what happened and what to do next. */
  error: Nullable(Type.Object({ code: Type.String(), text: Type.String() })),
});
export type AuthorizationOutcome = Static<typeof AuthorizationOutcome>;

export const NewRenewal = Type.Object(
  {
    returnTo: Type.Optional(Type.String({ minLength: 1, maxLength: 2000 })),
    /** Switch to another provider account on purpose; audited. */
    switchAccount: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);
export type NewRenewal = Static<typeof NewRenewal>;
