import { buildEvent, type CloudEvent, type EventLog } from '@credential-renewal/events';

/** Publishers that each write one key, the next number only when the one before was acknowledged, and try again what was not. */
export type KafkaLoad = {
  /** The last number of each key that was acknowledged. */
  acknowledged: ReadonlyMap<string, number>;
  failures(): number;
  total(): number;
  /** Resolves when each key has been acknowledged up to its last number. */
  stop(): Promise<void>;
};

const topic = 'credential.state';

export function startKafkaLoad(log: EventLog, keys: readonly string[]): KafkaLoad {
  const acknowledged = new Map<string, number>();
  let failures = 0;
  let isStopping = false;

  async function publishKey(key: string): Promise<void> {
    for (let sequence = 1; !isStopping; sequence++) {
      await publishUntilAcknowledged(makeEvent(key, sequence));
      acknowledged.set(key, sequence);
    }
  }

  async function publishUntilAcknowledged(event: CloudEvent): Promise<void> {
    for (;;) {
      try {
        return await log.publish([event]);
      } catch {
        failures++;
        // As the relay, which waits longer and longer; here many in step are what is wanted.
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }

  const running = Promise.all(keys.map(publishKey));
  return {
    acknowledged,
    failures: () => failures,
    total: () => [...acknowledged.values()].reduce((sum, count) => sum + count, 0),
    async stop() {
      isStopping = true;
      await running;
    },
  };
}

export function makeEvent(key: string, sequence: number): CloudEvent {
  return buildEvent({
    source: '/test',
    topic,
    subject: key,
    ...{ key, sequence },
    data: { number: sequence },
    schema: 'CredentialState',
    nowMs: Date.now(),
  });
}

/**
 * What is wrong with what the log holds, in words; none: every acknowledged event is there, and no event of a key stands behind a later one,
 * so the last one is the truth, also after compaction. Repetitions are allowed.
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
      (n) => !found.has(n),
    );
    const backwards = numbers.findIndex((number, index) => number < (numbers[index - 1] ?? 0));
    return [
      ...(missing.length > 0
        ? [`${key}: ${missing.length} missing, the first is ${missing[0]}`]
        : []),
      ...(backwards > 0
        ? [`${key}: ${numbers[backwards]} stands behind ${numbers[backwards - 1]}`]
        : []),
    ];
  });
}
