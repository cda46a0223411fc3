import { createLogger } from '@credential-renewal/runtime';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { KafkaBroker } from './kafka-cluster.ts';
import type { KafkaLink } from './kafka-link.ts';
import { createPartitionFetcher } from './partition-fetcher.ts';
import { createPartitionLane } from './partition-lane.ts';

const logger = createLogger({ service: 'test', level: 'silent' });
const topic = 'credential.state';

/** What a broker has: per partition the offsets of its messages, the end, and what reading it fails with. */
type Partitions = Record<number, { offsets: number[]; end: number; fails?: Error }>;

function start(partitions: Partitions) {
  const asked: number[][] = [];
  const fetch: KafkaBroker['fetch'] = async ({ topics }) => {
    const wanted = topics.flatMap((one) => one.partitions);
    asked.push(wanted.map(({ partition }) => partition));
    for (const { partition } of wanted) {
      const { fails } = partitions[partition] ?? {};
      if (fails) throw fails;
    }
    // As a broker that has nothing holds the request.
    await new Promise((resolve) => setTimeout(resolve, 1));
    const answers = wanted.map(({ partition, fetchOffset }) => {
      const { offsets = [], end = 0 } = partitions[partition] ?? {};
      const left = offsets.filter((offset) => offset >= Number(fetchOffset));
      const messages = left.map((offset) => ({ offset: `${offset}`, key: null, value: null }));
      return { partition, highWatermark: `${end}`, messages };
    });
    return { responses: [{ topicName: topic, partitions: answers }] };
  };
  const fetcher = createPartitionFetcher({
    link: {
      ask: (_, request) => request({ fetch } as Partial<KafkaBroker> as KafkaBroker),
      close: async () => undefined,
    } as Partial<KafkaLink> as KafkaLink,
    view: {
      leaderOf: () => '0',
      refresh: async () => undefined,
      coordinatorOf: async () => '0',
      answers: async () => true,
    },
    logger,
    random: () => 0,
  });
  onTestFinished(() => fetcher.stop());
  const handled = new Map<number, number[]>();
  const lanes = Object.keys(partitions).map((name) => {
    const partition = Number(name);
    const lane = createPartitionLane({
      ...{ topic, partition, start: 0n, logger, random: () => 0 },
      async handle({ offset }) {
        handled.set(partition, [...(handled.get(partition) ?? []), Number(offset)]);
      },
      mayBegin: () => true,
      handled: () => undefined,
      hungry: fetcher.wake,
    });
    onTestFinished(() => lane.end());
    fetcher.add(lane);
    return lane;
  });
  return { fetcher, handled, lanes, asked };
}

const until = (holds: () => void) => vi.waitFor(holds, { timeout: 10_000, interval: 1 });

test('partitions of a broker are fetched together', async () => {
  const { handled, asked } = start({
    0: { offsets: [0, 1, 2], end: 3 },
    1: { offsets: [5], end: 6 },
  });
  await until(() => expect(Object.fromEntries(handled)).toEqual({ 0: [0, 1, 2], 1: [5] }));
  expect(asked[0]).toEqual([0, 1]);
});

test('offsets at which compaction has left nothing are passed over', async () => {
  const { handled, lanes } = start({
    0: { offsets: [4], end: 5 },
    // Nothing is left at all, and it counts all the same.
    1: { offsets: [], end: 3 },
  });
  await until(() => expect(handled.get(0)).toEqual([4]));
  await until(() => expect(lanes.map((lane) => lane.position())).toEqual([5n, 3n]));
});

test('a partition that cannot be read stops no other, is told, and goes on when it can', async () => {
  const broken = { offsets: [0], end: 1, fails: new RangeError('no such codec') } as const;
  const partitions: Partitions = {
    0: { offsets: [0], end: 1 },
    1: { ...broken, offsets: [0] },
    2: { offsets: [0], end: 1 },
  };
  const { fetcher, handled } = start(partitions);
  await until(() => expect(Object.fromEntries(handled)).toEqual({ 0: [0], 2: [0] }));
  await until(() => expect(fetcher.problem()).toMatch(/partition 1.*no such codec/));
  partitions[0] = { offsets: [0, 1], end: 2 };
  await until(() => expect(handled.get(0)).toEqual([0, 1]));
  partitions[1] = { offsets: [0], end: 1 };
  await until(() => expect(handled.get(1)).toEqual([0]));
  await until(() => expect(fetcher.problem()).toBeUndefined());
});
