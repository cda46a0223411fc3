import {
  Authorization_Status,
  type Authorization as AuthorizationMessage,
} from '@credential-renewal/proto/oauth_broker/v1/oauth_broker';
import { type Authorization, hasExpired } from './authorization.ts';

/** The authorization as callers see it at `nowMs`. */
export function toMessage(authorization: Authorization, nowMs: number): AuthorizationMessage {
  const { use, outcome = {} } = authorization;
  return {
    id: authorization.id,
    accountId: authorization.accountId,
    userId: authorization.userId,
    status: statusOf(authorization, nowMs),
    expiresAt: new Date(authorization.expiresAtMs),
    heals: authorization.heals,
    connectorId: authorization.connectorId,
    providerName: authorization.providerName,
    returnTo: authorization.returnTo,
    renewal: authorization.credentialId !== undefined,
    missingScopes: outcome.missingScopes ?? [],
    expectedAccount: outcome.expectedAccount ?? '',
    actualAccount: outcome.actualAccount ?? '',
    errorCode: outcome.errorCode ?? '',
    errorText: outcome.errorText ?? '',
    providerAccount: authorization.providerAccount,
    sourceId: use.kind === 'source' ? use.id : undefined,
    authorizedConnectionId: use.kind === 'authorized_connection' ? use.id : undefined,
    upgradeScopes: authorization.upgradeScopes ?? [],
    formerGrantStays: outcome.formerGrantStays ?? false,
  };
}

function statusOf(authorization: Authorization, nowMs: number): AuthorizationMessage['status'] {
  if (hasExpired(authorization, nowMs)) return Authorization_Status.EXPIRED;
  switch (authorization.status) {
    case 'started':
    case 'begun':
    case 'exchanging':
    case 'verifying':
      return Authorization_Status.PENDING;
    case 'succeeded':
      return Authorization_Status.SUCCEEDED;
    case 'insufficient_scope':
      return Authorization_Status.INSUFFICIENT_SCOPE;
    case 'wrong_account':
      return Authorization_Status.WRONG_ACCOUNT;
    case 'cancelled':
      return Authorization_Status.CANCELLED;
    case 'failed':
      return Authorization_Status.FAILED;
    default:
      return authorization.status satisfies never;
  }
}
