import type { Logger } from '@credential-renewal/runtime';
import type { Subscription } from '../event-log.ts';
import { pause } from '../pause.ts';
import type { ClusterView } from './cluster-view.ts';
import { findCommitted } from './committed-offsets.ts';
import type { MemberShare } from './group-assignment.ts';
import { createGroupMember } from './group-member.ts';
import type { KafkaLink } from './kafka-link.ts';
import { createOffsetCommits } from './offset-commits.ts';
import { createPartitionFetcher } from './partition-fetcher.ts';
import { createPartitionLane, type PartitionLane, type PlacedMessage } from './partition-lane.ts';
import { findOffsets } from './partition-offsets.ts';
import { type Place, placeOf } from './place.ts';
import { withTimeout } from './with-timeout.ts';

export type GroupSubscription = Subscription & {
  /** Resolves when what was handled so far is committed. */
  flush(): Promise<void>;
  problem(): string | undefined;
};

/** Before a join, handlers get this long to end: most do, and then nobody has to hold a partition. */
const settleMs = 500;
/** Brokers that are away must not keep a process from stopping; what is not committed comes again. */
const lastCommitMs = 5000;
const commitAgainMs = 100;

/**
 * One member of a group with its partitions. A handler that runs keeps its partition, through any number of changes in the group, until
 * it is over: nobody else begins there meanwhile, and the other partitions go on.
 */
export function createGroupSubscription(options: {
  /** For the coordinator: it holds a join until every member has joined, and everything behind it on the connection. */
  groupLink: KafkaLink;
  fetchLink: KafkaLink;
  view: ClusterView;
  groupId: string;
  topics: readonly string[];
  sessionTimeoutMs: number;
  handle: (placed: PlacedMessage) => Promise<void>;
  /** A partition is ours from now on, and was not, or may not have been, just before. */
  began: (place: Place) => void;
  logger: Logger;
  random: () => number;
}): GroupSubscription {
  const { groupLink, fetchLink, view, groupId, topics, logger, random } = options;
  const lanes = new Map<string, PartitionLane>();
  /** Handlers of partitions that this member has lost while they ran; by place. */
  const leftovers = new Map<string, Promise<void>>();
  let handBack = new Set<string>();
  /** Why nothing may begin. */
  let isJoining = true;
  let isStopping = false;

  const fetcher = createPartitionFetcher({ link: fetchLink, view, logger, random });
  const commits = createOffsetCommits({
    commit: (offsets) => member.commit(offsets),
    isOurs: (lane) => lanes.get(placeOf(lane.topic, lane.partition)) === lane,
    logger,
  });
  const member = createGroupMember({
    ...{ link: groupLink, view, groupId, topics, logger, random },
    sessionTimeoutMs: options.sessionTimeoutMs,
    async word() {
      isJoining = true;
      await untilQuiet(isStopping ? 0 : settleMs);
      // Before the commit: what ends meanwhile is committed later, by this member, so it has to keep the partition for that.
      const held = running();
      await commits.flush().catch(() => undefined);
      return {
        held: held.map(({ topic, partition }) => ({ topic, partition })),
        isLeaving: isStopping,
      };
    },
    received,
    heard: wakeAll,
  });

  function running(): PartitionLane[] {
    return [...lanes.values()].filter((lane) => lane.isRunning());
  }

  async function untilQuiet(ms: number): Promise<void> {
    const over = Promise.all(running().map((lane) => lane.quiet()));
    await withTimeout(over, ms).catch(() => undefined);
  }

  function wakeAll(): void {
    for (const lane of lanes.values()) lane.wake();
  }

  async function received(share: MemberShare, isContinuous: boolean): Promise<void> {
    const wanted = new Map(
      share.places.map((place) => [placeOf(place.topic, place.partition), place]),
    );
    const isKept = (place: string) => isContinuous && wanted.has(place);
    const added = share.places.filter(({ topic, partition }) => {
      const place = placeOf(topic, partition);
      return !(isKept(place) && lanes.has(place));
    });
    // First what can fail, so that nothing is half taken up.
    const starts = await findStarts(added);
    if (isStopping && running().length === 0) return;
    for (const [place, lane] of lanes) if (!isKept(place)) drop(place, lane);
    for (const place of added) take(place, starts.get(placeOf(place.topic, place.partition)) ?? 0n);
    handBack = new Set(share.handBack.map(({ topic, partition }) => placeOf(topic, partition)));
    isJoining = false;
    wakeAll();
    for (const place of handBack) giveBackIfIdle(place);
  }

  function drop(place: string, lane: PartitionLane): void {
    lanes.delete(place);
    fetcher.remove(lane);
    const ended = lane.end();
    if (!lane.isRunning()) return;
    const { topic, partition } = lane;
    logger.warn(
      { group: groupId, topic, partition },
      'a partition was lost while its handler ran; its event may be handled by another member too',
    );
    const over = ended.then(() => {
      if (leftovers.get(place) === over) leftovers.delete(place);
      lanes.get(place)?.wake();
    });
    leftovers.set(place, over);
  }

  function take({ topic, partition }: Place, start: bigint): void {
    const place = placeOf(topic, partition);
    const lane: PartitionLane = createPartitionLane({
      ...{ topic, partition, start, logger, random },
      handle: options.handle,
      mayBegin: () =>
        !isJoining &&
        !isStopping &&
        !handBack.has(place) &&
        !leftovers.has(place) &&
        member.isCurrent(),
      handled: (offset) => commits.handled(lane, offset),
      isOver: () => giveBackIfIdle(place),
      hungry: fetcher.wake,
    });
    lanes.set(place, lane);
    fetcher.add(lane);
    options.began({ topic, partition });
  }

  function giveBackIfIdle(place: string): void {
    const isIdle = lanes.get(place)?.isRunning() !== true;
    if (handBack.has(place) && isIdle && !isStopping) member.rejoin();
  }

  /** A new group begins at the start of the log. */
  async function findStarts(places: readonly Place[]): Promise<Map<string, bigint>> {
    if (places.length === 0) return new Map();
    const starts = await findCommitted(member.ask, groupId, places);
    const fresh = places.filter(({ topic, partition }) => !starts.has(placeOf(topic, partition)));
    return new Map([...starts, ...(await findFirst(fresh))]);
  }

  async function findFirst(places: readonly Place[]): Promise<Map<string, bigint>> {
    if (places.length === 0) return new Map();
    try {
      await view.refresh();
      return await findOffsets({ link: fetchLink, view }, places, 'first');
    } catch (err) {
      // A partition without a leader must not keep the group from the others: from 0 the fetcher finds the start when it can.
      logger.debug({ err, group: groupId }, 'the start of a partition is not known yet');
      return new Map();
    }
  }

  async function commitLast(): Promise<void> {
    const late = AbortSignal.timeout(lastCommitMs);
    for (;;) {
      try {
        return await withTimeout(commits.flush(), lastCommitMs);
      } catch (err) {
        await pause(commitAgainMs, late);
        if (!late.aborted) continue;
        logger.warn({ err, group: groupId }, 'progress was not committed; some events come again');
        return;
      }
    }
  }

  return {
    flush: commits.flush,
    problem: () => member.problem() ?? commits.problem() ?? fetcher.problem(),
    async stop() {
      isStopping = true;
      wakeAll();
      // The others get what is idle at once, and the rest when its handlers are over.
      if (running().length > 0) member.rejoin();
      await Promise.all([...lanes.values()].map((lane) => lane.quiet()));
      await Promise.all(leftovers.values());
      await commitLast();
      await member.leave();
      await Promise.all([...lanes.values()].map((lane) => lane.end()));
      await fetcher.stop();
    },
  };
}
