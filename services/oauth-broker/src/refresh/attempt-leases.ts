import {
  type AcquireLeaseResponse,
  AcquireLeaseRequest_Purpose as Purpose,
} from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import { durationFromMs } from '@credential-renewal/rpc';
import type { Logger } from '@credential-renewal/runtime';
import { isUnavailable, retryUnavailable } from '../retry-unavailable.ts';
import type { VaultClient } from '../service-clients.ts';
import type { AttemptRequest } from './refresher.ts';

export type AttemptLeases = {
  /**
   * Asked again where no answer comes. A lease that was granted after its caller had given up would keep everybody waiting for as long
   * as it lasts; the same attempt gets it again, and at the end gives it back without having heard of it.
   */
  acquire(request: AttemptRequest): Promise<AcquireLeaseResponse['outcome']>;
  /** Nothing was sent. */
  giveBack(credentialId: string, fence: bigint): Promise<void>;
};

/** Three deadlines of a call take no longer than a lease covers a request. */
const patience = { attempts: 3, baseMs: 50, maxMs: 500 };

/** The leases of one process, each for one attempt. */
export function createAttemptLeases(deps: {
  vault: Pick<VaultClient, 'acquireLease' | 'releaseLease'>;
  logger: Logger;
  random: () => number;
  owner: string;
  leaseTtlMs: number;
  /** Aborted at the end of the process: then nothing is asked again. */
  ending: AbortSignal;
}): AttemptLeases {
  const { vault, logger, owner } = deps;
  const retries = { ...patience, random: deps.random, signal: deps.ending };
  let attempts = 0;

  return {
    async acquire({ credentialId, purpose, minimumLifeMs }) {
      const attempt = { credentialId, owner, attemptId: `refresh-${++attempts}` };
      const acquire = () =>
        vault.acquireLease({
          ...attempt,
          purpose: purpose === 'on_demand' ? Purpose.ON_DEMAND : Purpose.SCHEDULED,
          leaseTtl: durationFromMs(deps.leaseTtlMs),
          minimumRemainingLife: durationFromMs(minimumLifeMs),
        });
      try {
        const { outcome } = await retryUnavailable(acquire, retries);
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
    async giveBack(credentialId, fence) {
      logger.warn({ credential_id: credentialId }, 'a lease is given back unused');
      await vault.releaseLease({ credentialId, owner, fence });
    },
  };
}
