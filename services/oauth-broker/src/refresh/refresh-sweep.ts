import { msFromDuration } from '@credential-renewal/rpc';
import { createPeriodic, type Logger, type Periodic } from '@credential-renewal/runtime';
import type { ProviderConcurrency } from '../provider/provider-concurrency.ts';
import type { VaultClient } from '../service-clients.ts';
import type { Refresher } from './refresher.ts';

/** The vault refuses to be asked for more at a time. */
const limit = 1_000;
/** So many that wait for a place at a provider are enough to keep it busy until more are listed. */
const enough = 200;
/** How much of a list may be attempts that wait already. */
const mostListedAgain = 500;

/**
 * Starts an attempt for every credential that is due, nearest deadline first, and leaves the pace to each provider's lane. Those
 * that wait for a place are listed as due again, so the vault is not asked for more of a provider that has enough: however slow it
 * is and however much is due there, nobody else stands behind it.
 */
export function createRefreshSweep(deps: {
  vault: Pick<VaultClient, 'listDueCredentials'>;
  refresher: Refresher;
  concurrency: ProviderConcurrency;
  logger: Logger;
  intervalMs: number;
}): Periodic {
  const { vault, refresher, concurrency, logger } = deps;
  /** Whether more may be due there than was listed. */
  let hasMore = (_providerId: string) => false;

  async function tryOne(credentialId: string, providerId: string): Promise<void> {
    try {
      const { kind } = await refresher.attempt({
        credentialId,
        providerId,
        purpose: 'scheduled',
        minimumLifeMs: 0,
      });
      const asked = kind === 'refreshed' || kind === 'confirmed' || kind === 'failed';
      // Without progress it would only be the same list again.
      if (!asked || !hasMore(providerId) || concurrency.unreadyAt(providerId) >= enough) return;
      hasMore = () => false;
      periodic.wake();
    } catch (err) {
      logger.warn({ err, credential_id: credentialId }, 'a scheduled refresh did not come about');
    }
  }

  /** Providers of which no more is asked for: those that have enough, and the fullest of the others where they would fill the list. */
  function providersWithEnough(): string[] {
    const fullestFirst = concurrency
      .busy()
      .map((id) => ({ id, unready: concurrency.unreadyAt(id) }))
      .sort((one, other) => other.unready - one.unready);
    let listedAgain = fullestFirst.reduce((sum, { unready }) => sum + unready, 0);
    const excluded: string[] = [];
    for (const { id, unready } of fullestFirst) {
      if (unready < enough && listedAgain <= mostListedAgain) break;
      listedAgain -= unready;
      excluded.push(id);
    }
    return excluded;
  }

  async function sweep(signal: AbortSignal): Promise<number | undefined> {
    for (;;) {
      const excludedProviderIds = providersWithEnough();
      const { due, nextDueIn } = await vault.listDueCredentials({ limit, excludedProviderIds });
      if (signal.aborted) return undefined;
      const fresh = due.filter(({ credentialId }) => !refresher.running(credentialId));
      for (const { credentialId, providerId } of fresh) void tryOne(credentialId, providerId);
      const isFull = due.length >= limit;
      hasMore = (providerId) => isFull || excludedProviderIds.includes(providerId);
      // A full list hides what is due at providers that have not got enough yet.
      if (isFull && fresh.length > 0) continue;
      return due.length > 0 ? undefined : msFromDuration(nextDueIn);
    }
  }

  const periodic = createPeriodic({
    name: 'refresh sweep',
    intervalMs: deps.intervalMs,
    logger,
    run: sweep,
  });
  return periodic;
}
