import {
  Authorization_Status,
  type Authorization as BrokerAuthorization,
} from '@credential-renewal/proto/oauth_broker/v1/oauth_broker';
import type { Authorization, AuthorizationOutcome, AuthorizationStatus } from '../schemas/index.ts';
import { requiredTime } from './time.ts';

/** What begins: the client sends the browser to the hop `/authorize/{id}` of this gateway. */
export function toAuthorization(authorization: BrokerAuthorization, publicUrl: URL): Authorization {
  return {
    id: authorization.id,
    authorizationUrl: new URL(`/authorize/${authorization.id}`, publicUrl).href,
    expiresAt: requiredTime(authorization.expiresAt, 'expires_at'),
    heals: authorization.heals,
  };
}

/** How it went. */
export function toAuthorizationOutcome(authorization: BrokerAuthorization): AuthorizationOutcome {
  const status = toAuthorizationStatus(authorization.status);
  return {
    id: authorization.id,
    status,
    renewal: authorization.renewal,
    expiresAt: requiredTime(authorization.expiresAt, 'expires_at'),
    heals: authorization.heals,
    connectorId: authorization.connectorId,
    providerName: authorization.providerName,
    providerAccount: authorization.providerAccount || null,
    returnTo: authorization.returnTo,
    sourceId: authorization.sourceId ?? null,
    authorizedConnectionId: authorization.authorizedConnectionId ?? null,
    missingScopes: authorization.missingScopes,
    formerAccessStays: authorization.formerGrantStays,
    upgradeScopes: authorization.upgradeScopes,
    expectedAccount: authorization.expectedAccount || null,
    actualAccount: authorization.actualAccount || null,
    error:
      authorization.errorCode === ''
        ? null
        : { code: authorization.errorCode, text: authorization.errorText },
  };
}

function toAuthorizationStatus(status: Authorization_Status): AuthorizationStatus {
  switch (status) {
    case Authorization_Status.PENDING:
    case Authorization_Status.UNSPECIFIED:
      return 'pending';
    case Authorization_Status.SUCCEEDED:
      return 'succeeded';
    case Authorization_Status.INSUFFICIENT_SCOPE:
      return 'insufficient_scope';
    case Authorization_Status.WRONG_ACCOUNT:
      return 'wrong_account';
    case Authorization_Status.CANCELLED:
      return 'cancelled';
    case Authorization_Status.FAILED:
      return 'failed';
    case Authorization_Status.EXPIRED:
      return 'expired';
    default:
      return status satisfies never;
  }
}
