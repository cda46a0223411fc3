import {
  type CredentialState,
  CredentialStatus,
  type Evidence,
  type Reason,
  Resolver,
  VerdictClass,
} from '@credential-renewal/proto/events/v1/credential';
import type { Static } from 'typebox';
import type {
  Credential,
  Evidence as EvidenceSchema,
  CredentialStatus as HttpStatus,
  Resolver as ResolverSchema,
} from '../schemas/index.ts';
import { optionalTime, requiredTime } from './time.ts';

/**
 * How a credential stands, for a person. Without a credential the first authorization is pending since `createdAt`. What the
 * provider said literally (`evidence`) is for administrators.
 */
export function toCredential(
  state: CredentialState | undefined,
  createdAt: Date | undefined,
  { showEvidence }: { showEvidence: boolean },
  /** What the catalogue has come to require since it was granted. */
  upgradeScopes: string[] = [],
): Static<typeof Credential> {
  const status = state && toStatus(state.status);
  if (!state || status === undefined || status === 'pending') return pendingSince(createdAt);
  return {
    status,
    since: requiredTime(state.since, 'credential.since'),
    expiresAt: optionalTime(state.expiresAt),
    reason: state.reason ? toReason(state.reason, showEvidence) : null,
    episodeId: state.episodeId ?? null,
    lastRenewedAt: optionalTime(state.lastRenewedAt),
    missingScopes: state.missingScopes,
    scopeUpgrade: upgradeScopes.length === 0 ? null : { missingScopes: upgradeScopes },
  };
}

function pendingSince(createdAt: Date | undefined): Static<typeof Credential> {
  return {
    status: 'pending',
    since: requiredTime(createdAt, 'created_at'),
    expiresAt: null,
    reason: null,
    episodeId: null,
    lastRenewedAt: null,
    missingScopes: [],
    scopeUpgrade: null,
  };
}

/** Undefined: not to be shown, since it is being disconnected. */
export function toStatus(status: CredentialStatus): Static<typeof HttpStatus> | undefined {
  switch (status) {
    case CredentialStatus.UNSPECIFIED:
      return 'pending';
    case CredentialStatus.HEALTHY:
      return 'healthy';
    case CredentialStatus.EXPIRING:
      return 'expiring';
    case CredentialStatus.DELAYED:
      return 'delayed';
    case CredentialStatus.EXPIRED:
      return 'expired';
    case CredentialStatus.INSUFFICIENT_SCOPE:
      return 'insufficient_scope';
    case CredentialStatus.REVOKING:
      return undefined;
    default:
      return status satisfies never;
  }
}

function toReason(reason: Reason, showEvidence: boolean) {
  return {
    code: reason.code,
    text: reason.text,
    resolver: toResolver(reason.resolver),
    evidence: showEvidence && reason.evidence ? toEvidence(reason.evidence) : null,
  };
}

function toResolver(resolver: Resolver): Static<typeof ResolverSchema> {
  switch (resolver) {
    case Resolver.USER:
      return 'user';
    case Resolver.TENANT_ADMIN:
      return 'tenant_admin';
    case Resolver.OPERATOR:
    case Resolver.UNSPECIFIED:
      return 'operator';
    default:
      return resolver satisfies never;
  }
}

function toEvidence(evidence: Evidence): Static<typeof EvidenceSchema> {
  return {
    error: evidence.error,
    description: evidence.description,
    httpStatus: evidence.httpStatus === 0 ? null : evidence.httpStatus,
    verdict: toVerdict(evidence.verdictClass),
    seenAt: requiredTime(evidence.seenAt, 'evidence.seen_at'),
  };
}

function toVerdict(verdict: VerdictClass): 'dead' | 'operator' | 'transient' {
  switch (verdict) {
    case VerdictClass.DEAD:
      return 'dead';
    case VerdictClass.OPERATOR:
      return 'operator';
    case VerdictClass.TRANSIENT:
    case VerdictClass.UNSPECIFIED:
      return 'transient';
    default:
      return verdict satisfies never;
  }
}
