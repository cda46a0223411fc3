import type { Logger } from '@credential-renewal/runtime';
import { EventLogUnavailableError } from '../errors.ts';
import type { ClusterView } from './cluster-view.ts';
import { errorTypeOf, isSilence } from './kafka-errors.ts';
import type { KafkaLink } from './kafka-link.ts';
import type { OutgoingRecord } from './publisher.ts';

/** How long a broker may take to answer the question whether it has come to the end of what it was sent. */
const settleMs = 2000;

/**
 * Sends a batch: to each broker one request with what it leads, and all of them are over when it answers, for each record with why it was
 * not acknowledged. `idempotent: false`: the sequence numbers of kafkajs 2.2.4 lose acknowledged events (a failed request gives its number back,
 * the next takes it, and the broker drops that one as a repetition and still acknowledges).
 *
 * What may happen to the order, and why it does no harm. Without an answer nobody knows whether a request was, or will be, carried out, and
 * the caller repeats it:
 *
 * - A broker that hangs with requests in its socket works them off when it goes on. On the same connection that is in order, so a repetition only
 *   stands in the log twice, which consumers see by its id. Hence a connection without an answer is kept, and nothing more is sent there until it
 *   has answered a question behind the request.
 * - A broker that died, or has lost the lead, carries out nothing any more that anybody sees: its socket is gone, or what it appended is cut off
 *   when it follows the new leader. The next connection may be used at once.
 * - A connection that the network has lost (a firewall that forgot it) would stay without an answer for the 15 minutes that Linux repeats a segment. It is
 *   reset once the broker has answered on another one for longer than a request may take, which is when it would have come to the old request too.
 * - What is left: a process that ends, or a connection that is reset in between, while the broker hangs with its request unread, and another connection
 *   is read first. The older event then comes after the newer once more, under the id it had: inboxes know it, and its version is lower than
 *   the one that is known.
 */
export function createBatchSender(options: {
  /** With `keepsSilent`. */
  link: KafkaLink;
  view: ClusterView;
  /** How long the leader may wait for the other replicas; it answers with an error of its own then. */
  ackTimeoutMs: number;
  requestTimeoutMs: number;
  /** One of ours, for a question that any broker can answer. */
  topic: string;
  logger: Logger;
  monotonicMs?: () => number;
}): (records: readonly OutgoingRecord[]) => Promise<unknown[]> {
  const { link, view, ackTimeoutMs, requestTimeoutMs, topic, logger } = options;
  const { monotonicMs = () => performance.now() } = options;
  /** Brokers that owe an answer; since when they have answered elsewhere without a break. */
  const silent = new Map<string, { answersElsewhereSinceMs: number | undefined }>();

  async function produce(nodeId: string, records: readonly OutgoingRecord[]): Promise<void> {
    if (silent.has(nodeId)) await settle(nodeId);
    const request = { topicData: topicDataOf(records), acks: -1, timeout: ackTimeoutMs };
    try {
      // Past the time-out of kafkajs, which ends it; only a wall clock that was put back comes here first.
      await link.ask(nodeId, (broker) => broker.produce(request), 2 * requestTimeoutMs);
    } catch (error) {
      if (isSilence(error)) silent.set(nodeId, { answersElsewhereSinceMs: undefined });
      throw error;
    }
  }

  async function settle(nodeId: string): Promise<void> {
    if (await hasComeToTheEnd(nodeId)) {
      silent.delete(nodeId);
      return;
    }
    const state = silent.get(nodeId);
    const nowMs = monotonicMs();
    const elsewhere = await view.answers(nodeId, settleMs);
    const sinceMs = elsewhere ? (state?.answersElsewhereSinceMs ?? nowMs) : undefined;
    silent.set(nodeId, { answersElsewhereSinceMs: sinceMs });
    if (sinceMs !== undefined && nowMs - sinceMs > requestTimeoutMs) {
      logger.warn({ broker: nodeId }, 'a connection to a broker is dead and is made anew');
      await link.giveUp(nodeId);
      silent.delete(nodeId);
      return;
    }
    throw new EventLogUnavailableError(`broker ${nodeId} has not answered an earlier request yet`);
  }

  async function hasComeToTheEnd(nodeId: string): Promise<boolean> {
    try {
      await link.ask(nodeId, (broker) => broker.metadata([topic]), settleMs);
      return true;
    } catch (error) {
      return errorTypeOf(error) !== undefined;
    }
  }

  return async (records) => {
    const failures: unknown[] = records.map(() => undefined);
    const byLeader = Map.groupBy(records.keys(), (index) => {
      const record = records[index] as OutgoingRecord;
      return view.leaderOf(record.topic, record.message.partition);
    });
    const requests = [...byLeader].map(async ([nodeId, indexes]) => {
      try {
        if (nodeId === undefined) throw new EventLogUnavailableError('a partition has no leader');
        await produce(
          nodeId,
          indexes.map((index) => records[index] as OutgoingRecord),
        );
      } catch (error) {
        for (const index of indexes) failures[index] = error;
      }
    });
    await Promise.all(requests);
    // Whatever it was, leaders may have moved. The callers wait anyway before they try again.
    if (failures.some((failure) => failure !== undefined)) {
      await view.refresh().catch(() => undefined);
    }
    return failures;
  };
}

function topicDataOf(records: readonly OutgoingRecord[]) {
  const byTopic = Map.groupBy(records, ({ topic }) => topic);
  return [...byTopic].map(([topic, ofTopic]) => ({
    topic,
    partitions: [...Map.groupBy(ofTopic, ({ message }) => message.partition)].map(
      ([partition, ofPartition]) => ({
        partition,
        messages: ofPartition.map(({ message: { key, value, headers } }) => ({
          key,
          value,
          headers,
        })),
      }),
    ),
  }));
}
