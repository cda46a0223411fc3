import { randomBytes } from 'node:crypto';
import type { EventLog } from '@credential-renewal/events';
import type { Logger } from '@credential-renewal/runtime';
import { type LiveEntry, liveTopics, toLiveEntry } from './live-entry.ts';
import { createLiveRing, type LiveRing } from './live-ring.ts';

const ringCapacity = 10_000;

export type LiveFeed = {
  ring: LiveRing<LiveEntry>;
  /** Resolves when something was added, when `signal` aborts, or after `timeoutMs`. */
  changed(signal: AbortSignal, timeoutMs: number): Promise<void>;
  /** Aborted at shutdown. */
  stopping: AbortSignal;
  stop(): Promise<void>;
};

/** One tail of what pages are told for the whole process; however many pages are open, the log is read once. */
export async function startLiveFeed(options: {
  eventLog: EventLog;
  logger: Logger;
  capacity?: number;
}): Promise<LiveFeed> {
  const ring = createLiveRing<LiveEntry>({
    capacity: options.capacity ?? ringCapacity,
    epoch: randomBytes(6).toString('hex'),
  });
  const stopping = new AbortController();
  const waiting = new Set<() => void>();

  const tail = await options.eventLog.tail({
    topics: [...liveTopics],
    from: 'end',
    handle({ event }) {
      const entry = readEntry(event, options.logger);
      if (!entry) return;
      ring.push(entry);
      for (const wake of waiting) wake();
    },
  });

  return {
    ring,
    stopping: stopping.signal,
    changed: (signal, timeoutMs) =>
      new Promise((resolve) => {
        const wake = () => {
          clearTimeout(timer);
          waiting.delete(wake);
          signal.removeEventListener('abort', wake);
          resolve();
        };
        const timer = setTimeout(wake, timeoutMs);
        waiting.add(wake);
        if (signal.aborted) wake();
        else signal.addEventListener('abort', wake);
      }),
    async stop() {
      stopping.abort();
      await tail.stop();
    },
  };
}

/** A record that cannot be read must not end the tail for everybody; the pages still have their lists. */
function readEntry(event: Parameters<typeof toLiveEntry>[0], logger: Logger) {
  try {
    return toLiveEntry(event);
  } catch (err) {
    logger.error({ err, event_id: event.id }, 'an event could not be read and is not shown live');
    return undefined;
  }
}
