import { backoffMs, type Logger } from '@credential-renewal/runtime';
import { pause } from '../pause.ts';
import type { ClusterView } from './cluster-view.ts';
import {
  decodeShare,
  encodeShares,
  encodeWord,
  groupProtocol,
  type MemberShare,
  type MemberWord,
} from './group-assignment.ts';
import type { KafkaBroker, TopicOffsets } from './kafka-cluster.ts';
import { errorTypeOf, rootOf } from './kafka-errors.ts';
import type { KafkaLink } from './kafka-link.ts';
import { withTimeout } from './with-timeout.ts';

/** One member of a consumer group: it joins, keeps its membership alive, and joins again whenever it has to. */
export type GroupMember = {
  /** Asks for a new share: what this member says of itself has changed. */
  rejoin(): void;
  /** Whether the coordinator was heard so lately that no other member can have the partitions. */
  isCurrent(): boolean;
  commit(topics: TopicOffsets[]): Promise<void>;
  /** Asks the coordinator of the group. */
  ask<T>(request: (broker: KafkaBroker) => Promise<T>): Promise<T>;
  /** Undefined: it is a member. */
  problem(): string | undefined;
  leave(): Promise<void>;
};

// A member learns of a change at its next heartbeat, so this is how long a change takes.
const heartbeatMs = 1000;
// All members join again as soon as they learn of a change, whatever their handlers do; one that does not is dead or cut off.
const rebalanceTimeoutMs = 10_000;
/** The coordinator answers when all have joined, at the latest after its own time-out. */
const joinTimeoutMs = rebalanceTimeoutMs + 5000;
/** Without a goodbye the others wait for the session to end. */
const leaveTimeoutMs = 3000;
const retry = { baseMs: 100, maxMs: 5000 };
const failuresBeforeProblem = 3;

/** The coordinator's word that this membership is over, or that all have to join again. */
const verdicts = new Set(['REBALANCE_IN_PROGRESS', 'ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID']);
const isVerdict = (error: unknown) => verdicts.has(errorTypeOf(error) ?? '');

export function createGroupMember(options: {
  link: KafkaLink;
  view: ClusterView;
  groupId: string;
  topics: readonly string[];
  sessionTimeoutMs: number;
  /** Called before each join. Nothing may begin from then on until `received` is called. */
  word: () => Promise<Pick<MemberWord, 'held' | 'isLeaving'>>;
  /** The share from now on. `isContinuous`: nobody else can have had in the meantime what this member had and still has. */
  received: (share: MemberShare, isContinuous: boolean) => Promise<void>;
  /** It is current again, and no other member has had the partitions. */
  heard: () => void;
  logger: Logger;
  random: () => number;
}): GroupMember {
  const { link, view, groupId, topics, sessionTimeoutMs, logger, random } = options;
  const stopping = new AbortController();
  let coordinator: string | undefined;
  let memberId = '';
  let generation = 0;
  /** When the last request was sent of which the coordinator has restarted the session. */
  let heardMs = Number.NEGATIVE_INFINITY;
  /** The last one whose share this member has taken up; 0: none that counts. */
  let settled = 0;
  let failures = 0;
  let lastProblem: string | undefined;
  let rejoinAsked = false;
  let joining: Promise<void> | undefined;
  let wakeUp = new AbortController();

  async function ask<T>(request: (broker: KafkaBroker) => Promise<T>, timeoutMs?: number) {
    coordinator ??= await view.coordinatorOf(groupId);
    try {
      return await link.ask(coordinator, request, timeoutMs);
    } catch (error) {
      if (!isVerdict(error)) coordinator = undefined;
      throw error;
    }
  }

  async function join(): Promise<void> {
    rejoinAsked = false;
    const word = { ...(await options.word()), topics, generation: settled };
    joining = joinWith(word).finally(() => {
      joining = undefined;
    });
    await joining;
  }

  async function joinWith(word: MemberWord): Promise<void> {
    const request = {
      groupId,
      memberId,
      sessionTimeout: sessionTimeoutMs,
      rebalanceTimeout: rebalanceTimeoutMs,
      groupProtocols: [{ name: groupProtocol, metadata: encodeWord(word) }],
    };
    const joined = await ask((broker) => broker.joinGroup(request), joinTimeoutMs);
    if (joined.memberId !== memberId) settled = 0;
    memberId = joined.memberId;
    generation = joined.generationId;
    const groupAssignment = joined.leaderId === memberId ? encodeShares(joined.members) : [];
    const sentMs = performance.now();
    const { memberAssignment } = await ask(
      (broker) =>
        broker.syncGroup({ groupId, generationId: generation, memberId, groupAssignment }),
      joinTimeoutMs,
    );
    const isContinuous = settled > 0 && generation <= settled + 1;
    heardMs = sentMs;
    await options.received(decodeShare(memberAssignment), isContinuous);
    settled = generation;
  }

  // By the clock, not by a timer: a process that was stopped for a while must not begin anything before it knows.
  const isCurrent = () => performance.now() - heardMs < sessionTimeoutMs;

  /** Returns when it is time to join again; throws when the coordinator says so. */
  async function stay(): Promise<void> {
    for (;;) {
      const slower = { baseMs: heartbeatMs, maxMs: sessionTimeoutMs / 3, random };
      await pause(failures === 0 ? heartbeatMs : backoffMs(failures, slower), wakeUp.signal);
      if (stopping.signal.aborted || rejoinAsked) return;
      const sentMs = performance.now();
      try {
        const beat = { groupId, groupGenerationId: generation, memberId };
        await ask((broker) => broker.heartbeat(beat), sessionTimeoutMs / 3);
        const wasCurrent = isCurrent();
        heardMs = sentMs;
        if (!wasCurrent) options.heard();
        succeeded();
      } catch (error) {
        if (isVerdict(error)) throw error;
        noteFailure(error);
      }
    }
  }

  function succeeded(): void {
    failures = 0;
    lastProblem = undefined;
  }

  function noteFailure(error: unknown): void {
    failures++;
    logger.debug({ err: error, group: groupId, failures }, 'the coordinator of a group failed');
    if (failures >= failuresBeforeProblem) {
      lastProblem = `group ${groupId} is without its coordinator: ${rootOf(error).message}`;
    }
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        wakeUp = new AbortController();
        await join();
        succeeded();
        await stay();
      } catch (error) {
        if (errorTypeOf(error) === 'UNKNOWN_MEMBER_ID') {
          memberId = '';
          settled = 0;
        }
        if (!isVerdict(error)) noteFailure(error);
        await pause(backoffMs(Math.max(1, failures), { ...retry, random }), stopping.signal);
      }
    }
  }

  // Not before the caller has got what it asked for.
  const running = Promise.resolve().then(run);
  return {
    rejoin() {
      rejoinAsked = true;
      wakeUp.abort();
    },
    isCurrent,
    async commit(offsets) {
      // It would wait behind the join on the connection, and come to the coordinator with a generation that is over.
      await joining?.catch(() => undefined);
      const request = { groupId, groupGenerationId: generation, memberId, topics: offsets };
      await ask((broker) => broker.offsetCommit(request));
    },
    ask,
    problem: () => lastProblem,
    async leave() {
      stopping.abort();
      wakeUp.abort();
      const goodbye = async () => {
        await running;
        if (memberId !== '') await ask((broker) => broker.leaveGroup({ groupId, memberId }));
      };
      await withTimeout(goodbye(), leaveTimeoutMs).catch((err) =>
        logger.debug({ err, group: groupId }, 'a group could not be left; its session will end'),
      );
      await link.close();
    },
  };
}
