import { createPeriodic, type Logger, type Periodic } from '@credential-renewal/runtime';
import { runningDrill, withEndedDrill } from './drill.ts';
import type { RegistryDeps } from './registry-deps.ts';
import type { Use, UseChange } from './use.ts';

const intervalMs = 10_000;
const batchSize = 200;

/** Undefined: none runs, or its time is not over. */
export function endOverdueDrill(use: Use, nowMs: number): UseChange | undefined {
  const drill = runningDrill(use);
  if (!drill || drill.endsAtMs > nowMs || use.deleting) return undefined;
  return {
    next: withEndedDrill(use, 'time_over', nowMs),
    announce: false,
    audit: {
      timeMs: nowMs,
      actorName: 'Credential Renewal',
      action: 'drill.ended',
      text: 'The drill ended: its time was over.',
    },
  };
}

/** Ends drills whose time is over. Any number of replicas may be at it. */
export function createDrillSweep(
  { uses, changes, clock }: Pick<RegistryDeps, 'uses' | 'changes' | 'clock'>,
  logger: Logger,
): Periodic {
  return createPeriodic({
    name: 'drills',
    intervalMs,
    logger,
    run: async () => {
      const nowMs = clock.nowMs();
      const over = await uses.listOverdueDrills(nowMs, batchSize);
      await Promise.all(
        over.map(({ id }) => changes.change(id, (use) => endOverdueDrill(use, nowMs))),
      );
      return over.length === batchSize ? 0 : undefined;
    },
  });
}
