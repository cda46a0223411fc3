import {
  backoffMs,
  beginOutgoingSpan,
  type Clock,
  createPeriodic,
  type Logger,
} from '@credential-renewal/runtime';
import type { CloudEvent } from './cloud-event.ts';
import type { EventLog } from './event-log.ts';
import type { Outbox } from './outbox.ts';

export type OutboxRelay = {
  /** To be called after each write that put events into the outbox. */
  wake(): void;
  /** Publishes what still waits, as far as it can in `drainTimeoutMs`; the rest goes out after the next start. */
  stop(): Promise<void>;
  /** Undefined: events go out. Otherwise why not, and since when. */
  problem(): string | undefined;
};

const batchSize = 100;
/** A safety net for events written by a process that died before it could call `wake`. */
const idleMs = 5000;

/**
 * Publishes the events of one outbox in the order they were written: one batch at a time, forgotten only after the log has
 * them. While the log fails it is tried again with backoff, and calls of `wake` do not hurry it.
 */
export function createOutboxRelay(options: {
  outbox: Outbox;
  eventLog: EventLog;
  logger: Logger;
  clock: Clock;
  random?: () => number;
  retry?: { baseMs: number; maxMs: number };
  drainTimeoutMs?: number;
}): OutboxRelay {
  const { outbox, eventLog, logger, clock, random = Math.random } = options;
  const { retry = { baseMs: 100, maxMs: idleMs }, drainTimeoutMs = 3000 } = options;
  let failures = 0;
  let problem: string | undefined;
  let failingSinceMs = 0;

  async function publishAll(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      const batch = await outbox.pending(batchSize);
      if (batch.length === 0) return;
      await publish(batch.map((entry) => entry.event));
      await outbox.remove(batch.map((entry) => entry.position));
      succeeded();
    }
  }

  /** Each event is published in the trace of what caused it. */
  async function publish(events: CloudEvent[]): Promise<void> {
    const spans = events.map((event) => beginOutgoingSpan(publishingOf(event), event));
    try {
      await eventLog.publish(events);
      for (const span of spans) span.end();
    } catch (error) {
      for (const span of spans) span.end(error);
      throw error;
    }
  }

  function succeeded(): void {
    if (failures > 0) logger.info({ failures }, 'events go out again');
    failures = 0;
    problem = undefined;
  }

  function failed(err: unknown): void {
    if (failures === 0) {
      failingSinceMs = clock.nowMs();
      logger.error({ err }, 'events could not be published; they are kept and tried again');
    }
    failures++;
    problem = err instanceof Error ? err.message : String(err);
  }

  const periodic = createPeriodic({
    name: 'outbox relay',
    intervalMs: idleMs,
    logger,
    run: async (signal) => {
      try {
        await publishAll(() => signal.aborted);
        succeeded();
        return undefined;
      } catch (error) {
        failed(error);
        return backoffMs(failures, { ...retry, random });
      }
    },
  });

  async function finish(isOver: () => boolean): Promise<void> {
    await periodic.stop();
    await publishAll(isOver).catch(failed);
  }

  return {
    wake() {
      if (failures === 0) periodic.wake();
    },
    async stop() {
      let timer: NodeJS.Timeout | undefined;
      let isLate = false;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(() => {
          isLate = true;
          resolve();
        }, drainTimeoutMs);
      });
      await Promise.race([finish(() => isLate), late]);
      clearTimeout(timer);
    },
    problem: () =>
      problem === undefined
        ? undefined
        : `no event could be published since ${new Date(failingSinceMs).toISOString()}: ${problem}`,
  };
}

function publishingOf({ type }: CloudEvent): Parameters<typeof beginOutgoingSpan>[0] {
  const attributes = { 'messaging.destination.name': type, 'messaging.operation.type': 'send' };
  return { name: `send ${type}`, kind: 'producer', attributes };
}
