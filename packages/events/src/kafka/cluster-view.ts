import { EventLogUnavailableError } from '../errors.ts';
import type { KafkaBroker } from './kafka-cluster.ts';
import { errorTypeOf, rootOf } from './kafka-errors.ts';
import type { KafkaLink } from './kafka-link.ts';
import { placeOf } from './place.ts';

/**
 * Who leads what. All brokers are asked at once and the first answer is taken, so one that hangs holds nobody up; kafkajs asks one of
 * those it is connected with, the one that hangs perhaps.
 */
export type ClusterView = {
  /** By the last answer. Undefined: none at the moment, or not known. */
  leaderOf(topic: string, partition: number): string | undefined;
  /** Asks again, for all who call while an answer is awaited. Rejects when no broker answers, or a partition has no leader. */
  refresh(): Promise<void>;
  coordinatorOf(groupId: string): Promise<string>;
  /** Whether this broker answers within `timeoutMs`, be it with an error. */
  answers(nodeId: string, timeoutMs: number): Promise<boolean>;
};

/** Missing, or without a leader since too many of its brokers are away. */
function isOfOneTopic(error: unknown): boolean {
  const type = errorTypeOf(error);
  return type === 'LEADER_NOT_AVAILABLE' || type === 'UNKNOWN_TOPIC_OR_PARTITION';
}

export function createClusterView(options: {
  link: KafkaLink;
  topics: readonly string[];
  timeoutMs: number;
}): ClusterView {
  const { link, topics, timeoutMs } = options;
  const leaders = new Map<string, string>();
  let refreshing: Promise<void> | undefined;

  async function askAll<T>(request: (broker: KafkaBroker) => Promise<T>): Promise<T> {
    const nodes = await link.nodes();
    const answers = nodes.map((nodeId) => link.ask(nodeId, request, timeoutMs));
    try {
      return await Promise.any(answers);
    } catch (error) {
      const { errors } = error as AggregateError;
      const answered = errors.find((one) => errorTypeOf(one) !== undefined);
      // Perhaps none of those we know exists any more.
      if (!answered) link.startOver();
      throw answered ?? errors[0];
    }
  }

  async function load(): Promise<void> {
    try {
      note(await askAll((broker) => broker.metadata(topics)));
    } catch (error) {
      if (!isOfOneTopic(error)) throw error;
      await loadEach();
    }
  }

  /** kafkajs takes an answer in which one topic has a problem for no answer, and does not say which. */
  async function loadEach(): Promise<void> {
    const problems: string[] = [];
    for (const topic of topics) {
      try {
        note(await askAll((broker) => broker.metadata([topic])));
      } catch (error) {
        if (!isOfOneTopic(error)) throw error;
        problems.push(`${topic}: ${rootOf(error).message}`);
      }
    }
    if (problems.length > 0) throw new EventLogUnavailableError(problems.join('; '));
  }

  function note({ topicMetadata }: Awaited<ReturnType<KafkaBroker['metadata']>>): void {
    for (const { topic, partitionMetadata } of topicMetadata) {
      for (const { partitionId, leader } of partitionMetadata) {
        const place = placeOf(topic, partitionId);
        if (leader < 0) leaders.delete(place);
        else leaders.set(place, String(leader));
      }
    }
  }

  return {
    leaderOf: (topic, partition) => leaders.get(placeOf(topic, partition)),
    refresh() {
      refreshing ??= load().finally(() => {
        refreshing = undefined;
      });
      return refreshing;
    },
    async coordinatorOf(groupId) {
      const request = { groupId, coordinatorType: 0 };
      const { coordinator } = await askAll((broker) => broker.findGroupCoordinator(request));
      return String(coordinator.nodeId);
    },
    async answers(nodeId, patienceMs) {
      try {
        await link.ask(nodeId, (broker) => broker.metadata(topics.slice(0, 1)), patienceMs);
        return true;
      } catch (error) {
        return errorTypeOf(error) !== undefined;
      }
    },
  };
}
