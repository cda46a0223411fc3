import type { Credential, Tokens } from '../credential.ts';
import { dataKeyOf } from '../encryption/stored-jwe.ts';

/**
 * What credentials are looked for by, beside the document, in every engine. Undefined where it does not apply, so that an index
 * holds only those that do.
 */
export type CredentialFields = {
  accountId: string;
  providerId: string;
  clientId: string;
  identityKey: string;
  joinKey: string;
  dueAtMs: number | undefined;
  /** 0: nobody holds it. */
  leaseExpiresAtMs: number;
  tickAtMs: number | undefined;
  /** When it was last seen to work; 0 while it fails. */
  workedAtMs: number;
  revokeAtMs: number | undefined;
  /** Since when the provider refuses our client for it, and nobody has decided what that means. */
  clientRefusedAtMs: number | undefined;
  /** Since when its verdict is held. */
  heldAtMs: number | undefined;
  /** The oldest data key that one of its tokens is encrypted with. */
  dataKey: string;
};

export function credentialFields(credential: Credential): CredentialFields {
  return {
    accountId: credential.accountId,
    providerId: credential.policy.providerId,
    clientId: credential.policy.clientId,
    identityKey: identityKeyOf(credential.identity),
    joinKey: credential.joinKey,
    dueAtMs: credential.nextAttemptAtMs,
    leaseExpiresAtMs: credential.lease?.expiresAtMs ?? 0,
    tickAtMs: credential.nextTickAtMs,
    workedAtMs: credential.failures === 0 ? credential.lastRefreshedAtMs : 0,
    revokeAtMs: credential.revocation?.nextAtMs,
    clientRefusedAtMs: isDecided(credential) ? undefined : credential.clientRefusedSinceMs,
    heldAtMs: credential.held?.sinceMs,
    dataKey: oldestDataKey(credential.tokens, credential.spare),
  };
}

function isDecided({ status }: Credential): boolean {
  return status === 'expired' || status === 'revoking';
}

/** Empty for a token whose key cannot be told, so that it counts as the oldest. */
export function oldestDataKey(...sets: readonly (Tokens | undefined)[]): string {
  const keys = sets
    .flatMap((tokens) => [tokens?.accessToken, tokens?.refreshToken, tokens?.hints])
    .filter((jwe) => jwe !== undefined)
    .map(dataKeyOf);
  return keys.sort()[0] ?? '';
}

export function identityKeyOf({ kind, key }: Credential['identity']): string {
  return `${kind}/${key}`;
}
