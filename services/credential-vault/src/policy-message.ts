import type { CredentialPolicy } from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import { msFromDuration } from '@credential-renewal/rpc';
import type { Policy } from './credential.ts';

const defaultIdentityCheckIntervalMs = 15 * 60_000;

/** The catalogue's facts as they arrive from the broker. */
export function fromPolicyMessage(message: CredentialPolicy | undefined): Policy {
  return {
    providerId: message?.providerId ?? '',
    providerName: message?.providerName ?? '',
    clientId: message?.clientId ?? '',
    rotates: message?.rotates ?? false,
    rotationGraceMs: message?.rotationGrace ? msFromDuration(message.rotationGrace) : 0,
    identityCheckIntervalMs: message?.identityCheckInterval
      ? msFromDuration(message.identityCheckInterval)
      : defaultIdentityCheckIntervalMs,
  };
}
