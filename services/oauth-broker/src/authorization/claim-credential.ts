import { setTimeout as wait } from 'node:timers/promises';
import { AcquireLeaseRequest_Purpose } from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import { durationFromMs, msFromDuration } from '@credential-renewal/rpc';
import { DomainError, uuidv7 } from '@credential-renewal/runtime';
import type { BrokerContext } from '../broker-context.ts';
import { retryUnavailable } from '../retry-unavailable.ts';
import type { Authorization } from './authorization.ts';
import type { FailureCode } from './outcome.ts';

type Claim = { release(): Promise<void> };

const looks = 6;
const longestWaitMs = 1_000;

/**
 * Takes the credential for one exchange and commit (semantics 17: they are serialized per credential), which ends a running
 * refresh's claim. A first authorization has no credential to take. Answers with a failure code when it cannot be had.
 */
export async function claimCredential(
  broker: BrokerContext,
  { credentialId, id }: Authorization,
): Promise<Claim | FailureCode> {
  if (credentialId === undefined) return { release: async () => {} };
  // One for all tries: a lease that was granted after its answer was given up would keep us waiting for ourselves.
  const attemptId = uuidv7(broker.clock.nowMs());
  const acquire = () =>
    broker.vault.acquireLease({
      credentialId,
      owner: broker.owner,
      purpose: AcquireLeaseRequest_Purpose.RENEWAL,
      leaseTtl: durationFromMs(broker.config.refreshLeaseMs),
      minimumRemainingLife: undefined,
      attemptId,
    });
  const retries = { attempts: 4, baseMs: 100, maxMs: 1_000, random: broker.random };
  try {
    for (let look = 1; ; look += 1) {
      const { outcome } = await retryUnavailable(acquire, retries);
      if (outcome?.$case === 'granted') return claimOf(broker, credentialId, outcome.value.fence);
      // Another renewal of the same credential is between its exchange and its commit: a matter of moments.
      if (outcome?.$case !== 'held' || look === looks) return 'RENEWAL_RUNNING';
      await wait(
        Math.min(msFromDuration(outcome.value.retryAfter) ?? longestWaitMs, longestWaitMs),
      );
    }
  } catch (err) {
    if (
      err instanceof DomainError &&
      (err.kind === 'not_found' || err.code === 'CREDENTIAL_REVOKING')
    )
      return 'CREDENTIAL_GONE';
    broker.logger.error({ err, authorization_id: id }, 'the credential could not be claimed');
    return 'STORAGE_UNAVAILABLE';
  }
}

function claimOf(broker: BrokerContext, credentialId: string, fence: bigint): Claim {
  return {
    async release() {
      try {
        await broker.vault.releaseLease({ credentialId, owner: broker.owner, fence });
      } catch (err) {
        // It runs out by itself.
        broker.logger.warn({ err, credential_id: credentialId }, 'a lease could not be given back');
      }
    },
  };
}
