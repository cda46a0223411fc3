import { createPeriodic, type Logger, type Periodic } from '@credential-renewal/runtime';
import { abandonedBeforeMs, removeAbandoned } from './deletion.ts';
import type { RegistryDeps } from './registry-deps.ts';

const intervalMs = 60_000;
const batchSize = 200;

/** Removes pending uses that nobody set about for a day. Answers with how many. */
async function removeAbandonedUses({
  uses,
  changes,
  clock,
}: Pick<RegistryDeps, 'uses' | 'changes' | 'clock'>): Promise<number> {
  const nowMs = clock.nowMs();
  const abandoned = await uses.listAbandoned(abandonedBeforeMs(nowMs), batchSize);
  await Promise.all(
    abandoned.map(({ id }) => changes.change(id, (use) => removeAbandoned(use, nowMs))),
  );
  return abandoned.length;
}

export function createAbandonedUseSweep(deps: RegistryDeps, logger: Logger): Periodic {
  return createPeriodic({
    name: 'abandoned uses',
    intervalMs,
    logger,
    run: async () => {
      const removed = await removeAbandonedUses(deps);
      if (removed > 0) logger.info({ removed }, 'removed sources that were never authorized');
      return removed === batchSize ? 0 : undefined;
    },
  });
}
