import { backoffMs, type Logger } from '@credential-renewal/runtime';
import type { Subscription } from '../event-log.ts';
import { pause } from '../pause.ts';
import { partitionsOf } from '../topic-partition.ts';
import type { ClusterView } from './cluster-view.ts';
import { rootOf } from './kafka-errors.ts';
import type { KafkaLink } from './kafka-link.ts';
import { createPartitionFetcher } from './partition-fetcher.ts';
import { createPartitionLane, type PartitionLane, type PlacedMessage } from './partition-lane.ts';
import { findOffsets } from './partition-offsets.ts';
import { type Place, placeOf } from './place.ts';
import { withTimeout } from './with-timeout.ts';

/** How long the call waits for the brokers before it goes on without their answer. */
const patienceMs = 5000;
/** How far the clocks of the brokers and ours may be apart. */
const clockSkewMs = 60_000;
const retry = { baseMs: 100, maxMs: 5000 };

/** Where a tail begins, and where it has caught up. */
type Bounds = { starts: Map<string, bigint>; ends: Map<string, bigint> };

/**
 * Reads for itself alone, from offsets that are known when the call resolves: without a group there is nothing to join, to commit or to clean
 * up, and nobody else's coming and going repeats or skips anything. While no broker can be reached, `end` is remembered as a time:
 * then something from shortly before the call may be delivered too.
 */
export async function startTail(options: {
  link: KafkaLink;
  view: ClusterView;
  topics: readonly string[];
  from: 'start' | 'end';
  handle: (placed: PlacedMessage) => Promise<void>;
  caughtUp: () => void;
  logger: Logger;
  random: () => number;
  nowMs: number;
}): Promise<Subscription & { problem(): string | undefined }> {
  const { link, view, from, logger, random } = options;
  const places = partitionsOf(options.topics).map(([topic, partition]) => ({ topic, partition }));
  const fetcher = createPartitionFetcher({ link, view, logger, random });
  const lanes: PartitionLane[] = [];
  const stopping = new AbortController();
  let behind = new Set<PartitionLane>();
  /** Why it has not begun. */
  let waitsFor: string | undefined;

  async function findBounds(isLate: boolean): Promise<Bounds> {
    await view.refresh();
    const find = (question: Parameters<typeof findOffsets>[2]) =>
      findOffsets({ link, view }, places, question);
    const ends = await find('next');
    if (from === 'start') return { starts: await find('first'), ends };
    if (!isLate) return { starts: ends, ends };
    // After the ends, so that what comes between the questions is not skipped.
    const since = await find({ atMs: options.nowMs - clockSkewMs });
    return { starts: new Map([...ends, ...since]), ends };
  }

  function begin({ starts, ends }: Bounds): void {
    if (stopping.signal.aborted) return;
    waitsFor = undefined;
    for (const place of places) {
      const name = placeOf(place.topic, place.partition);
      addLane(place, starts.get(name) ?? 0n, ends.get(name) ?? 0n);
    }
    behind = new Set(lanes);
  }

  function addLane(place: Place, start: bigint, end: bigint): void {
    const look = () => {
      if (lane.position() < end || !behind.delete(lane)) return;
      if (behind.size === 0 && !stopping.signal.aborted) options.caughtUp();
    };
    const lane = createPartitionLane({
      ...place,
      ...{ start, logger, random },
      handle: options.handle,
      mayBegin: () => !stopping.signal.aborted,
      handled: look,
      advanced: look,
      hungry: fetcher.wake,
    });
    lanes.push(lane);
    fetcher.add(lane);
    // Not before the caller has got what it asked for.
    setImmediate(look);
  }

  /** Until a broker answers, or nobody waits any more. */
  async function find(isLate: boolean, signal: AbortSignal): Promise<Bounds> {
    for (let failures = 1; ; failures++) {
      try {
        return await findBounds(isLate);
      } catch (error) {
        waitsFor = `a tail cannot begin: ${rootOf(error).message}`;
        await pause(backoffMs(failures, { ...retry, random }), signal);
        if (signal.aborted) throw error;
      }
    }
  }

  const giveUp = new AbortController();
  try {
    begin(await withTimeout(find(false, giveUp.signal), patienceMs));
  } catch (err) {
    giveUp.abort();
    logger.warn({ err, topics: options.topics }, 'a tail begins when a broker can be reached');
    find(true, stopping.signal).then(begin, () => undefined);
  }
  return {
    problem: () => waitsFor ?? fetcher.problem(),
    async stop() {
      stopping.abort();
      await Promise.all(lanes.map((lane) => lane.end()));
      await fetcher.stop();
    },
  };
}
