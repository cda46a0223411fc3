import {
  buildEvent,
  type CloudEvent,
  createOutboxRelay,
  type EventLog,
  type Outbox,
  type OutboxRelay,
} from '@credential-renewal/events';
import { createLogger, systemClock } from '@credential-renewal/runtime';

/** Services that go on writing events into their outboxes, whatever the brokers do, and relay them. */
export type KafkaLoad = {
  /** The last number of each key that the log has acknowledged. */
  acknowledged: ReadonlyMap<string, number>;
  /** Events that were acknowledged, of all keys. */
  total(): number;
  /** Events that wait in the outboxes. */
  backlog(): number;
  /** What the relays say. */
  problems(): string[];
  /** No further events; resolves when those that wait are acknowledged. */
  stop(): Promise<void>;
};

const writeEveryMs = 10;
const silent = createLogger({ service: 'test', level: 'silent' });

/** Each of `services` writes the next event of each of its keys every few milliseconds. */
export function startKafkaLoad(log: EventLog, services: readonly string[][]): KafkaLoad {
  const acknowledged = new Map<string, number>();
  const lanes = services.map((keys) => startService(log, keys, acknowledged));
  return {
    acknowledged,
    total: () => [...acknowledged.values()].reduce((sum, count) => sum + count, 0),
    backlog: () => lanes.reduce((sum, { waiting }) => sum + waiting.size, 0),
    problems: () => lanes.map(({ relay }) => relay.problem() ?? '').filter((one) => one !== ''),
    async stop() {
      for (const { writing } of lanes) clearInterval(writing);
      for (const { waiting } of lanes) {
        while (waiting.size > 0) await new Promise((resolve) => setImmediate(resolve));
      }
      await Promise.all(lanes.map(({ relay }) => relay.stop()));
    },
  };
}

function startService(log: EventLog, keys: readonly string[], acknowledged: Map<string, number>) {
  const waiting = new Map<string, CloudEvent>();
  const outbox: Outbox = {
    pending: async (limit) =>
      [...waiting].slice(0, limit).map(([position, event]) => ({ position, event })),
    async remove(positions) {
      for (const position of positions) {
        const event = waiting.get(position);
        if (event) acknowledged.set(event.partitionkey, Number(event.sequence));
        waiting.delete(position);
      }
    },
    backlog: async () => ({ count: waiting.size, oldestAgeMs: 0 }),
  };
  const relay: OutboxRelay = createOutboxRelay({
    ...{ outbox, eventLog: log, logger: silent, clock: systemClock },
    retry: { baseMs: 50, maxMs: 500 },
  });
  let sequence = 0;
  const writing = setInterval(() => {
    sequence++;
    for (const key of keys) waiting.set(`${key} ${sequence}`, makeEvent(key, sequence));
    relay.wake();
  }, writeEveryMs);
  return { waiting, relay, writing };
}

export function makeEvent(key: string, sequence: number): CloudEvent {
  return buildEvent({
    source: '/test',
    topic: 'credential.state',
    subject: key,
    ...{ key, sequence },
    data: { number: sequence },
    schema: 'CredentialState',
    nowMs: Date.now(),
  });
}

/**
 * What is wrong with what the log holds, in words; none: every acknowledged event is there, and the last of each key is the newest, so it is the truth
 * also after compaction. Repetitions are allowed, in the order they were made: a relay that repeats a batch starts again at its first event.
 */
export function findDamage(
  events: readonly CloudEvent[],
  acknowledged: ReadonlyMap<string, number>,
): string[] {
  const byKey = Map.groupBy(events, ({ partitionkey }) => partitionkey);
  return [...acknowledged].flatMap(([key, last]) => {
    const numbers = (byKey.get(key) ?? []).map(({ sequence }) => Number(sequence));
    const found = new Set(numbers);
    const missing = Array.from({ length: last }, (_, index) => index + 1).filter(
      (number) => !found.has(number),
    );
    let newest = 0;
    // A number that is seen for the first time must be the next one.
    const gaps = numbers.filter((number) => {
      const isGap = number > newest + 1;
      newest = Math.max(newest, number);
      return isGap;
    });
    return [
      ...(missing.length > 0 ? [`${key}: ${missing.length} missing, first ${missing[0]}`] : []),
      ...(gaps.length > 0 ? [`${key}: ${gaps.length} before their time, first ${gaps[0]}`] : []),
      ...(numbers.at(-1) === newest ? [] : [`${key}: ${numbers.at(-1)} stands behind ${newest}`]),
    ];
  });
}

/** How many events stand in the log more than once. */
export function countRepetitions(events: readonly CloudEvent[]): number {
  return events.length - new Set(events.map(({ id }) => id)).size;
}
