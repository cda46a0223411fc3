import { createPeriodic, type Periodic } from '@credential-renewal/runtime';
import type { BrokerContext } from '../broker-context.ts';
import { finishDeletion } from './finish-deletion.ts';

/** Finishes deletions whose `Disconnect` never came or was interrupted. */
export function createDisconnectSweep(broker: BrokerContext): Periodic {
  return createPeriodic({
    name: 'disconnect sweep',
    intervalMs: broker.config.sweepIntervalMs,
    logger: broker.logger,
    async run(signal) {
      const { uses } = await broker.registry.listDeletingUses({ limit: 100 });
      for (const use of uses) {
        if (signal.aborted) return;
        try {
          await finishDeletion(broker, use);
        } catch (err) {
          broker.logger.warn({ err }, 'a deletion could not be finished; it is tried again');
        }
      }
    },
  });
}
