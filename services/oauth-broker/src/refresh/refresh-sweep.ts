import { msFromDuration } from '@credential-renewal/rpc';
import { createPeriodic, type Logger, type Periodic } from '@credential-renewal/runtime';
import type { VaultClient } from '../broker-context.ts';
import type { ProviderConcurrency } from '../provider/provider-concurrency.ts';
import type { Refresher } from './refresher.ts';

const batch = 500;

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

  async function sweep(signal: AbortSignal): Promise<number | undefined> {
    const limit = batch + concurrency.waiting();
    const { due, nextDueIn } = await vault.listDueCredentials({ limit });
    if (signal.aborted) return undefined;
    const fresh = due.filter(({ credentialId }) => !refresher.running(credentialId));
    const attempts = fresh.map(async ({ credentialId, providerId }) => {
      try {
        await refresher.attempt({
          credentialId,
          providerId,
          purpose: 'scheduled',
          minimumLifeMs: 0,
        });
      } catch (err) {
        logger.warn({ err, credential_id: credentialId }, 'a scheduled refresh did not come about');
      }
    });
    // A full list means that there is more than was listed.
    if (due.length >= limit) void Promise.all(attempts).then(() => periodic.wake());
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
