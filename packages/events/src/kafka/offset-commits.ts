import type { Logger } from '@credential-renewal/runtime';
import type { TopicOffsets } from './kafka-cluster.ts';
import { rootOf } from './kafka-errors.ts';
import type { PartitionLane } from './partition-lane.ts';

/** How far this member has come in its partitions, on its way to the brokers. */
export type OffsetCommits = {
  /** Notes it; committed soon after. A crash in between delivers a few events again. */
  handled(lane: PartitionLane, offset: bigint): void;
  /** Resolves when everything noted so far is committed. */
  flush(): Promise<void>;
  /** Undefined: what is noted gets committed. */
  problem(): string | undefined;
};

/** One commit for all partitions in this time: each is a write on all replicas. */
const collectMs = 100;
const retryMs = 1000;
/** A join under way, or a coordinator that moves, is no problem. */
const failuresBeforeProblem = 5;

type Note = { lane: PartitionLane; next: bigint };

export function createOffsetCommits(options: {
  commit: (topics: TopicOffsets[]) => Promise<void>;
  /** Whether the partition is still ours. Brokers take a commit of any member, and would put back the progress of another. */
  isOurs: (lane: PartitionLane) => boolean;
  logger: Logger;
}): OffsetCommits {
  const { commit, isOurs, logger } = options;
  let noted = new Map<PartitionLane, Note>();
  let timer: NodeJS.Timeout | undefined;
  let last: Promise<void> = Promise.resolve();
  let failures = 0;
  let lastError: unknown;

  async function store(): Promise<void> {
    const notes = noted;
    noted = new Map();
    const ours = [...notes.values()].filter(({ lane }) => isOurs(lane));
    if (ours.length === 0) return;
    try {
      await commit(toTopics(ours));
      failures = 0;
    } catch (error) {
      failures++;
      lastError = error;
      // Newer notes win over those that could not be committed.
      noted = new Map([...notes, ...noted]);
      schedule(retryMs);
      throw error;
    }
  }

  // One after another: an older note must not overwrite a newer one that was quicker.
  function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    last = last.catch(() => undefined).then(store);
    return last;
  }

  function schedule(ms: number): void {
    timer ??= setTimeout(() => {
      flush().catch((err) =>
        logger.debug({ err }, 'the progress of a group could not be committed; it is tried again'),
      );
    }, ms);
  }

  return {
    handled(lane, offset) {
      noted.set(lane, { lane, next: offset + 1n });
      schedule(collectMs);
    },
    flush,
    problem: () =>
      failures < failuresBeforeProblem
        ? undefined
        : `the progress of a group cannot be committed: ${rootOf(lastError).message}`,
  };
}

function toTopics(notes: readonly Note[]): TopicOffsets[] {
  return [...Map.groupBy(notes, ({ lane }) => lane.topic)].map(([topic, ofTopic]) => ({
    topic,
    partitions: ofTopic.map(({ lane, next }) => ({
      partition: lane.partition,
      offset: String(next),
    })),
  }));
}
