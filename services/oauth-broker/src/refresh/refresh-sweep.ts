import { msFromDuration } from '@credential-renewal/rpc';
import { createPeriodic, type Logger, type Periodic } from '@credential-renewal/runtime';
import type { ProviderConcurrency } from '../provider/provider-concurrency.ts';
import type { VaultClient } from '../service-clients.ts';
import type { Refresher } from './refresher.ts';

const batch = 500;
/** The vault refuses to be asked for more at a time. */
const mostListed = 1_000;

/**
 * Starts an attempt for every credential that is due, nearest deadline first, and leaves the pace to each provider's lane:
 * a slow provider holds up nobody else. Those that wait for a place are listed as due again, so as many more are asked for.
 */
export function createRefreshSweep(deps: {
  vault: Pick<VaultClient, 'listDueCredentials'>;
  refresher: Refresher;
  concurrency: ProviderConcurrency;
  logger: Logger;
  intervalMs: number;
}): Periodic {
  const { vault, refresher, concurrency, logger } = deps;

  /** Whether the provider was asked. */
  async function tryOne(credentialId: string, providerId: string): Promise<boolean> {
    try {
      const { kind } = await refresher.attempt({
        credentialId,
        providerId,
        purpose: 'scheduled',
        minimumLifeMs: 0,
      });
      return kind === 'refreshed' || kind === 'confirmed' || kind === 'failed';
    } catch (err) {
      logger.warn({ err, credential_id: credentialId }, 'a scheduled refresh did not come about');
      return false;
    }
  }

  async function sweep(signal: AbortSignal): Promise<number | undefined> {
    const limit = Math.min(batch + concurrency.waiting(), mostListed);
    const { due, nextDueIn } = await vault.listDueCredentials({ limit });
    if (signal.aborted) return undefined;
    const fresh = due.filter(({ credentialId }) => !refresher.running(credentialId));
    const attempts = fresh.map(({ credentialId, providerId }) => tryOne(credentialId, providerId));
    // A full list means that there is more than was listed; without progress it would only be the same list again.
    if (due.length >= limit) {
      void Promise.all(attempts).then((asked) => asked.includes(true) && periodic.wake());
    }
    return due.length > 0 ? undefined : msFromDuration(nextDueIn);
  }

  const periodic = createPeriodic({
    name: 'refresh sweep',
    intervalMs: deps.intervalMs,
    logger,
    run: sweep,
  });
  return periodic;
}
