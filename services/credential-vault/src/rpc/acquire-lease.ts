import {
  type AcquireLeaseRequest,
  type AcquireLeaseResponse_Granted,
  AcquireLeaseRequest_Purpose as Purpose,
} from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import { checkInput, durationFromMs, msFromDuration } from '@credential-renewal/rpc';
import { changeCredential } from '../change-credential.ts';
import { attemptTokenHash, type Credential } from '../credential.ts';
import { acquireLease as decide, type LeaseAnswer, type LeaseRequest } from '../rules/lease.ts';
import type { VaultContext } from '../vault-context.ts';
import type { VaultHandlers } from './vault-handlers.ts';

const purposes = {
  [Purpose.SCHEDULED]: 'scheduled',
  [Purpose.ON_DEMAND]: 'on_demand',
  [Purpose.RENEWAL]: 'renewal',
} as const;

/**
 * Lease and intent in one write, by the vault's clock. When the answer arrives the intent is durable: the broker may
 * talk to the provider, and a crash from here on is known to the next holder.
 */
export function acquireLease(vault: VaultContext): VaultHandlers['acquireLease'] {
  return async (request) => {
    const purpose = readPurpose(request);
    let answer: LeaseAnswer | undefined;
    const credential = await changeCredential(vault, request.credentialId, (current) => {
      const asked: LeaseRequest = {
        purpose,
        owner: request.owner,
        ttlMs: request.leaseTtl ? msFromDuration(request.leaseTtl) : 0,
        minimumRemainingLifeMs: request.minimumRemainingLife
          ? msFromDuration(request.minimumRemainingLife)
          : 0,
        nowMs: vault.clock.nowMs(),
      };
      answer = decide(current, asked);
      return answer.kind === 'granted' ? answer.credential : undefined;
    });
    switch (answer?.kind) {
      case 'granted':
        return { outcome: { $case: 'granted', value: toGranted(vault, credential) } };
      case 'held':
        return {
          outcome: { $case: 'held', value: { retryAfter: durationFromMs(answer.retryAfterMs) } },
        };
      case 'not_needed':
      case undefined:
        return { outcome: { $case: 'notNeeded', value: {} } };
      default:
        return answer satisfies never;
    }
  };
}

function readPurpose(request: AcquireLeaseRequest): LeaseRequest['purpose'] {
  checkInput((check) => {
    check.id('credential_id', request.credentialId);
    check.id('owner', request.owner);
    check.duration('lease_ttl', request.leaseTtl, { minMs: 100, maxMs: 10 * 60_000 });
    check.that('purpose', request.purpose !== Purpose.UNSPECIFIED, 'must be set');
  });
  return purposes[request.purpose as keyof typeof purposes];
}

function toGranted(vault: VaultContext, credential: Credential): AcquireLeaseResponse_Granted {
  const { tokens } = credential;
  const owner = { accountId: credential.accountId, recordId: credential.id };
  return {
    fence: BigInt(credential.fence),
    attempt: credential.attempts,
    refreshToken:
      tokens.refreshToken &&
      vault.cipher.decrypt(tokens.refreshToken, { ...owner, field: 'refresh_token' }),
    accessToken: vault.cipher.decrypt(tokens.accessToken, { ...owner, field: 'access_token' }),
    sentTokenHash: attemptTokenHash(credential),
    providerId: credential.policy.providerId,
    clientId: credential.policy.clientId,
    accountId: credential.accountId,
  };
}
