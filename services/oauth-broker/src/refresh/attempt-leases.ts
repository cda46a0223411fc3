import {
  type AcquireLeaseResponse,
  AcquireLeaseRequest_Purpose as Purpose,
} from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import { durationFromMs } from '@credential-renewal/rpc';
import type { Logger } from '@credential-renewal/runtime';
import { isUnavailable, retryUnavailable } from '../retry-unavailable.ts';
import type { VaultClient } from '../service-clients.ts';
import type { AttemptRequest } from './refresher.ts';
import type { VaultCalls } from './vault-calls.ts';

/** The lease for one attempt. */
export type AttemptLease = {
  /**
   * Asked again where no answer comes. A lease that was granted after its caller had given up would keep everybody waiting for as long
   * as it lasts; the same attempt gets it again, and at the end gives it back without having heard of it. Whoever has it already
   * asks so whether that is still true.
   */
  acquire(): Promise<AcquireLeaseResponse['outcome']>;
  /** It was granted so long ago that somebody may have taken it away. */
  isStale(): boolean;
  /** How long it still covers a request to its end. */
  usableMs(): number;
  /** Nothing was sent. */
  giveBack(fence: bigint): Promise<void>;
};

/** Three deadlines of a call take no longer than a lease covers a request. */
const patience = { attempts: 3, baseMs: 50, maxMs: 500 };
/** No longer than a person takes from the provider's page back to us, and more than a place takes to come free in a storm. */
const believedMs = 300;

/** The leases of one process. */
export function createAttemptLeases(deps: {
  vault: Pick<VaultClient, 'releaseLease'>;
  calls: VaultCalls;
  logger: Logger;
  random: () => number;
  owner: string;
  leaseTtlMs: number;
  httpTimeoutMs: number;
  /** Aborted at the end of the process: then nothing is asked again. */
  ending: AbortSignal;
}): (request: AttemptRequest) => AttemptLease {
  const { vault, logger, owner } = deps;
  const retries = { ...patience, random: deps.random, signal: deps.ending };
  let attempts = 0;

  return ({ credentialId, purpose, minimumLifeMs }) => {
    const attempt = { credentialId, owner, attemptId: `refresh-${++attempts}` };
    let askedAtMs = 0;
    /** Asking again does not make it last longer. */
    let granted = { fence: 0n, sinceMs: 0 };

    return {
      async acquire() {
        const sinceMs = performance.now();
        askedAtMs = sinceMs;
        const acquire = () =>
          deps.calls(purpose).acquireLease({
            ...attempt,
            purpose: purpose === 'on_demand' ? Purpose.ON_DEMAND : Purpose.SCHEDULED,
            leaseTtl: durationFromMs(deps.leaseTtlMs),
            minimumRemainingLife: durationFromMs(minimumLifeMs),
          });
        try {
          const { outcome } = await retryUnavailable(acquire, retries);
          if (outcome?.$case === 'granted' && outcome.value.fence !== granted.fence)
            granted = { fence: outcome.value.fence, sinceMs };
          return outcome;
        } catch (error) {
          if (isUnavailable(error)) {
            const release = () => vault.releaseLease({ ...attempt, fence: 0n });
            // It runs out by itself.
            void retryUnavailable(release, retries).catch(() => undefined);
          }
          throw error;
        }
      },
      isStale: () => performance.now() - askedAtMs > believedMs,
      usableMs: () => deps.leaseTtlMs - deps.httpTimeoutMs - (performance.now() - granted.sinceMs),
      async giveBack(fence) {
        logger.warn({ credential_id: credentialId }, 'a lease is given back unused');
        await vault.releaseLease({ credentialId, owner, fence });
      },
    };
  };
}
