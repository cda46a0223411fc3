import { backoffMs, type Logger } from '@credential-renewal/runtime';
import { pause } from '../pause.ts';
import type { ClusterView } from './cluster-view.ts';
import type { FetchedPartition } from './kafka-cluster.ts';
import { errorTypeOf, isOfTransport, rootOf } from './kafka-errors.ts';
import type { KafkaLink } from './kafka-link.ts';
import type { PartitionLane } from './partition-lane.ts';
import { findOffsets } from './partition-offsets.ts';
import { placeOf } from './place.ts';
import { readUncommitted } from './protocol.ts';
import { createSuspectLanes } from './suspect-lanes.ts';

/** Fills lanes from the brokers: of each broker one fetch at a time, with every lane that it leads and that has room. */
export type PartitionFetcher = {
  add(lane: PartitionLane): void;
  remove(lane: PartitionLane): void;
  /** A lane has room again. */
  wake(): void;
  /** Undefined: what is fetched arrives. */
  problem(): string | undefined;
  stop(): Promise<void>;
};

// A broker answers at once when it has something. Otherwise it holds the request for as long, and a lane that got room in the meantime waits.
const maxWaitMs = 250;
const bytesPerPartition = 256 * 1024;
const bytesPerFetch = 4 * 1024 * 1024;
const retry = { baseMs: 100, maxMs: 5000 };
/** A leader that moves, or a broker that is restarted, is no problem that anybody must hear of. */
const failuresBeforeProblem = 3;

export function createPartitionFetcher(options: {
  link: KafkaLink;
  view: ClusterView;
  logger: Logger;
  random: () => number;
}): PartitionFetcher {
  const { link, view, logger, random } = options;
  const lanes = new Set<PartitionLane>();
  /** Lanes in a fetch that is under way. */
  const asked = new Set<PartitionLane>();
  const running = new Set<string>();
  /** By broker, since it last gave an answer of use. */
  const failures = new Map<string, { count: number; problem: string }>();
  const stopping = new AbortController();
  const { signal } = stopping;
  const suspects = createSuspectLanes({ wake, signal, logger, random });
  let isPlanned = false;
  /** For leaders, in vain. */
  let searches = 0;

  function wake(): void {
    if (isPlanned || signal.aborted) return;
    isPlanned = true;
    // Many lanes get room at once.
    setImmediate(() => {
      isPlanned = false;
      startFetches();
    });
  }

  function startFetches(): void {
    if (signal.aborted) return;
    const hungry = [...lanes].filter(
      (lane) => lane.wantsMore() && !asked.has(lane) && suspects.mayBeFetched(lane),
    );
    const byLeader = Map.groupBy(hungry, (lane) => view.leaderOf(lane.topic, lane.partition) ?? '');
    for (const [nodeId, ofLeader] of byLeader) {
      if (running.has(nodeId)) continue;
      const suspect = ofLeader.find((lane) => suspects.has(lane));
      const chosen = suspect ? [suspect] : ofLeader;
      for (const lane of chosen) asked.add(lane);
      running.add(nodeId);
      void (nodeId === '' ? findLeaders(chosen) : fetchFrom(nodeId, chosen)).finally(() => {
        running.delete(nodeId);
        for (const lane of chosen) asked.delete(lane);
        wake();
      });
    }
  }

  async function findLeaders(leaderless: readonly PartitionLane[]): Promise<void> {
    await view.refresh().catch(() => undefined);
    if (leaderless.every((lane) => view.leaderOf(lane.topic, lane.partition) !== undefined)) {
      searches = 0;
      return;
    }
    searches++;
    await pause(backoffMs(searches, { ...retry, random }), signal);
  }

  async function fetchFrom(nodeId: string, chosen: readonly PartitionLane[]): Promise<void> {
    try {
      const { responses } = await link.ask(nodeId, (broker) =>
        broker.fetch({
          // The others wait meanwhile.
          maxWaitTime: chosen.some((lane) => suspects.has(lane)) ? 0 : maxWaitMs,
          minBytes: 1,
          maxBytes: bytesPerFetch,
          isolationLevel: readUncommitted,
          topics: topicsOf(chosen),
        }),
      );
      const byPlace = new Map(chosen.map((lane) => [placeOf(lane.topic, lane.partition), lane]));
      for (const { topicName, partitions } of responses) {
        for (const fetched of partitions) {
          const lane = byPlace.get(placeOf(topicName, fetched.partition));
          if (lane && lanes.has(lane)) fill(lane, fetched, chosen.length === 1);
        }
      }
      failures.delete(nodeId);
    } catch (error) {
      if (!signal.aborted) await recover(nodeId, chosen, error);
    }
  }

  function fill(lane: PartitionLane, fetched: FetchedPartition, isAlone: boolean): void {
    const before = lane.next();
    lane.take(fetched.messages);
    const isBehind = lane.next() === before && before < BigInt(fetched.highWatermark);
    if (!isBehind) suspects.clear(lane);
    // Alone a partition gets its next message however large it is. Without one there is none at this offset: compaction has left the empty batch of
    // an idempotent producer, of which kafkajs does not tell the end.
    else if (isAlone) lane.skipTo(before + 1n);
    else suspects.suspect(lane);
  }

  async function recover(nodeId: string, chosen: readonly PartitionLane[], error: unknown) {
    if (!isOfBroker(error)) return suspects.accuse(chosen, error);
    const count = (failures.get(nodeId)?.count ?? 0) + 1;
    const problem = `events cannot be fetched from broker ${nodeId}: ${rootOf(error).message}`;
    failures.set(nodeId, { count, problem });
    if (errorTypeOf(error) === 'OFFSET_OUT_OF_RANGE') {
      await restart(chosen, error).catch(() => undefined);
    }
    logger.debug({ err: error, broker: nodeId, failures: count }, 'a fetch failed; it is repeated');
    await view.refresh().catch(() => undefined);
    await pause(backoffMs(count, { ...retry, random }), signal);
  }

  /** What was to be read next is not in the log. Going on at its start may repeat, going on at its end would skip. */
  async function restart(chosen: readonly PartitionLane[], error: unknown): Promise<void> {
    const { topic, partition } = rootOf(error) as { topic?: string; partition?: number };
    const lane = chosen.find((one) => one.topic === topic && one.partition === partition);
    if (!lane) return;
    const offsets = await findOffsets({ link, view }, [lane], 'first');
    const first = offsets.get(placeOf(lane.topic, lane.partition));
    if (first === undefined) return;
    logger.error(
      { topic, partition, offset: String(lane.next()), first: String(first) },
      'the offset to be read next is not in the log; reading goes on at its start',
    );
    lane.skipTo(first);
  }

  return {
    add(lane) {
      lanes.add(lane);
      wake();
    },
    remove(lane) {
      lanes.delete(lane);
      suspects.clear(lane);
    },
    wake,
    problem() {
      // A broker that leads nothing any more is no problem.
      const leaders = new Set([...lanes].map((lane) => view.leaderOf(lane.topic, lane.partition)));
      const failing = [...failures].find(
        ([nodeId, { count }]) => count >= failuresBeforeProblem && leaders.has(nodeId),
      );
      return failing?.[1].problem ?? suspects.problem();
    },
    async stop() {
      stopping.abort();
      await link.close();
    },
  };
}

/** What a broker answers when another one leads by now, and where to look is to be found out. */
const misplaced = new Set([
  'NOT_LEADER_FOR_PARTITION',
  'FENCED_LEADER_EPOCH',
  'UNKNOWN_LEADER_EPOCH',
  'LEADER_NOT_AVAILABLE',
  'REPLICA_NOT_AVAILABLE',
  'UNKNOWN_TOPIC_OR_PARTITION',
  'OFFSET_OUT_OF_RANGE',
]);

/** Otherwise it is one of the partitions that were fetched, and the others can do without it. */
function isOfBroker(error: unknown): boolean {
  const type = errorTypeOf(error);
  return type === undefined ? isOfTransport(error) : misplaced.has(type);
}

function topicsOf(lanes: readonly PartitionLane[]) {
  return [...Map.groupBy(lanes, ({ topic }) => topic)].map(([topic, ofTopic]) => ({
    topic,
    partitions: ofTopic.map((lane) => ({
      partition: lane.partition,
      fetchOffset: String(lane.next()),
      maxBytes: bytesPerPartition,
    })),
  }));
}
