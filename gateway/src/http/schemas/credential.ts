import { type Static, Type } from 'typebox';
import { Id, Nullable, Time } from './page.ts';

export const CredentialStatus = Type.Union([
  Type.Literal('pending'),
  Type.Literal('healthy'),
  Type.Literal('expiring'),
  Type.Literal('delayed'),
  Type.Literal('expired'),
  Type.Literal('insufficient_scope'),
]);
export type CredentialStatus = Static<typeof CredentialStatus>;

export const Resolver = Type.Union([
  Type.Literal('user'),
  Type.Literal('tenant_admin'),
  Type.Literal('operator'),
]);

/** What the provider said; only for administrators. */
export const Evidence = Type.Object({
  error: Type.String(),
  description: Type.String(),
  httpStatus: Nullable(Type.Integer()),
  verdict: Type.Union([Type.Literal('dead'), Type.Literal('operator'), Type.Literal('transient')]),
  seenAt: Time,
});

/** How a credential stands. `since`: when the status began; `expiresAt`: when it ends by itself, where known. */
export const Credential = Type.Object({
  status: CredentialStatus,
  since: Time,
  expiresAt: Nullable(Time),
  reason: Nullable(
    Type.Object({
      code: Type.String(),
      text: Type.String(),
      resolver: Resolver,
      evidence: Nullable(Evidence),
    }),
  ),
  episodeId: Nullable(Id),
  lastRenewedAt: Nullable(Time),
  missingScopes: Type.Array(Type.String()),
  /**
   * It works, and a release has come to need more permissions than it was granted: whoever may renew it is asked to, and nothing
   * stops until they do. Null: nothing is asked.
   */
  scopeUpgrade: Nullable(Type.Object({ missingScopes: Type.Array(Type.String()) })),
});
export type Credential = Static<typeof Credential>;
