import {
  Actor_Kind,
  type Actor as ActorMessage,
  type CredentialState,
  type Reason as ReasonMessage,
  Resolver as ResolverMessage,
  CredentialStatus as StatusMessage,
  VerdictClass as VerdictClassMessage,
} from '@credential-renewal/proto/events/v1/credential';
import { type Actor, type Credential, endOfLifeMs, type Reason } from './credential.ts';
import { reasonText } from './reason-text.ts';

export const statusMessages = {
  healthy: StatusMessage.HEALTHY,
  expiring: StatusMessage.EXPIRING,
  delayed: StatusMessage.DELAYED,
  expired: StatusMessage.EXPIRED,
  insufficient_scope: StatusMessage.INSUFFICIENT_SCOPE,
  revoking: StatusMessage.REVOKING,
} as const;

const resolvers = {
  user: ResolverMessage.USER,
  tenant_admin: ResolverMessage.TENANT_ADMIN,
  operator: ResolverMessage.OPERATOR,
} as const;

const verdictClasses = {
  dead: VerdictClassMessage.DEAD,
  operator: VerdictClassMessage.OPERATOR,
  transient: VerdictClassMessage.TRANSIENT,
} as const;

const actorKinds = {
  user: Actor_Kind.USER,
  worker: Actor_Kind.WORKER,
  system: Actor_Kind.SYSTEM,
} as const;

/** What the world sees of a credential: everything but its tokens. */
export function toCredentialState(credential: Credential): CredentialState {
  return {
    credentialId: credential.id,
    accountId: credential.accountId,
    version: BigInt(credential.sequences['credential.state'] ?? 0),
    providerId: credential.policy.providerId,
    providerName: credential.policy.providerName,
    clientId: credential.policy.clientId,
    status: statusMessages[credential.status],
    since: new Date(credential.sinceMs),
    expiresAt: toDate(endOfLifeMs(credential)),
    reason: credential.reason && toReasonMessage(credential, credential.reason),
    episodeId: credential.episode?.id,
    lastRenewedAt: toDate(credential.lastRenewedAtMs),
    missingScopes: credential.missingScopes,
    actor: toActorMessage(credential.lastActor),
  };
}

export function toReasonMessage(
  credential: Credential,
  { code, resolver, evidence }: Reason,
): ReasonMessage {
  return {
    code,
    text: reasonText(credential),
    resolver: resolvers[resolver],
    evidence: evidence && {
      error: evidence.error,
      description: evidence.description,
      httpStatus: evidence.httpStatus,
      verdictClass: verdictClasses[evidence.verdictClass],
      seenAt: new Date(evidence.seenAtMs),
    },
  };
}

export function toActorMessage({ kind, id }: Actor): ActorMessage {
  return { kind: actorKinds[kind], id };
}

/** An actor that a caller named; `system` where it named none. */
export function fromActorMessage(actor: ActorMessage | undefined): Actor {
  switch (actor?.kind) {
    case Actor_Kind.USER:
      return { kind: 'user', id: actor.id };
    case Actor_Kind.WORKER:
      return { kind: 'worker', id: actor.id };
    default:
      return { kind: 'system', id: actor?.id || 'oauth-broker' };
  }
}

function toDate(timeMs: number | undefined): Date | undefined {
  return timeMs === undefined ? undefined : new Date(timeMs);
}
