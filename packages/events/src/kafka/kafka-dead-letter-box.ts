import type { Clock, Logger } from '@credential-renewal/runtime';
import { type DeadLetterBox, replayGroup, type WaitingLetter } from '../dead-letter-box.ts';
import { EventLogUnavailableError, MessageUnreadableError } from '../errors.ts';
import { consumerGroups, deadLetterTopic, partitionsOf, replayTopic } from '../topic-partition.ts';
import { findCommitted } from './committed-offsets.ts';
import { readDeadLetter } from './dead-letter-message.ts';
import type { FetchedMessage, KafkaBroker } from './kafka-cluster.ts';
import { createKafkaConnections } from './kafka-connections.ts';
import { toEventLogError } from './kafka-errors.ts';
import { readMessage, writeMessage } from './kafka-message.ts';
import type { KafkaSettings } from './kafka-settings.ts';
import { rawHeaders } from './message-parts.ts';
import { findOffsets } from './partition-offsets.ts';
import { type Place, placeOf } from './place.ts';
import { readUncommitted } from './protocol.ts';
import { createTopicNames } from './topic-names.ts';

const fetchBytes = 4 * 1024 * 1024;

/** Throws when no broker answers: a command does not wait for one. */
export async function openKafkaDeadLetterBox(options: {
  settings: KafkaSettings;
  group: string;
  clock: Clock;
  logger: Logger;
  /** The groups that have dead letters. */
  groups?: readonly string[];
  namePrefix?: string;
}): Promise<DeadLetterBox> {
  const { settings, group, clock, logger, groups = consumerGroups, namePrefix = '' } = options;
  const names = createTopicNames(namePrefix);
  const random = Math.random;
  const connections = await createKafkaConnections({
    ...{ settings, service: 'replay-dead-letters', names, groups, clock, logger, random },
  });
  const { view, controlLink: link, watch } = connections;
  const problem = watch.problem();
  if (problem !== undefined) {
    await connections.close();
    throw new EventLogUnavailableError(problem);
  }
  const publisher = connections.createPublisher(() => undefined);
  const topic = names.topic(deadLetterTopic(group));
  const keeper = names.group(replayGroup(group));
  const askCoordinator = async <T>(request: (broker: KafkaBroker) => Promise<T>) =>
    link.ask(await view.coordinatorOf(keeper), request);

  async function note({ partition }: Place, offset: bigint): Promise<void> {
    const topics = [{ topic, partitions: [{ partition, offset: String(offset + 1n) }] }];
    // Of nobody's generation: the group has no members. Brokers forget it some time after the last replay (offsets.retention.minutes, 7 days): then
    // all letters come once more, and consumers know them by id and version.
    const request = { groupId: keeper, memberId: '', groupGenerationId: -1, topics };
    await askCoordinator((broker) => broker.offsetCommit(request)).catch((error) => {
      throw toEventLogError(error);
    });
  }

  function toLetter(place: Place, message: FetchedMessage): WaitingLetter {
    const { partition } = place;
    const offset = BigInt(message.offset);
    const content = readContent({ topic: deadLetterTopic(group), partition, offset }, message);
    return {
      ...{ partition, offset, content, deadLetter: readDeadLetter(message) },
      async settle() {
        const record =
          content instanceof MessageUnreadableError
            ? { topic, message: { ...message, headers: rawHeaders(message.headers), partition } }
            : { topic: names.topic(replayTopic(group)), message: writeMessage(content) };
        await publisher.publish([record]);
        await note(place, offset);
      },
    };
  }

  async function* waitingIn(place: Place, start: bigint, end: bigint) {
    let next = start;
    while (next < end) {
      const messages = await fetch(place, next);
      const last = messages.at(-1);
      // Nothing at this offset: what is no message counts in the offsets too.
      next = last ? BigInt(last.offset) + 1n : next + 1n;
      for (const message of messages) {
        const offset = BigInt(message.offset);
        if (offset >= start && offset < end && !message.isControlRecord)
          yield toLetter(place, message);
      }
    }
  }

  async function fetch({ partition }: Place, from: bigint): Promise<FetchedMessage[]> {
    const leader = view.leaderOf(topic, partition);
    if (leader === undefined) throw new EventLogUnavailableError('a partition has no leader');
    const partitions = [{ partition, fetchOffset: String(from), maxBytes: fetchBytes }];
    const { responses } = await link.ask(leader, (broker) =>
      broker.fetch({
        ...{ maxWaitTime: 0, minBytes: 1, maxBytes: fetchBytes, isolationLevel: readUncommitted },
        topics: [{ topic, partitions }],
      }),
    );
    const messages = responses.flatMap((response) =>
      response.partitions.flatMap((one) => one.messages),
    );
    return messages.filter((message) => BigInt(message.offset) >= from);
  }

  return {
    async *waiting() {
      try {
        const places = partitionsOf([topic]).map(([name, partition]) => ({
          topic: name,
          partition,
        }));
        const ends = await findOffsets({ link, view }, places, 'next');
        const starts = new Map([
          ...(await findOffsets({ link, view }, places, 'first')),
          ...(await findCommitted(askCoordinator, keeper, places)),
        ]);
        for (const place of places) {
          const name = placeOf(topic, place.partition);
          yield* waitingIn(place, starts.get(name) ?? 0n, ends.get(name) ?? 0n);
        }
      } catch (error) {
        throw toEventLogError(error);
      }
    },
    async close() {
      await publisher.close();
      await connections.close();
    },
  };
}

function readContent(
  place: Place & { offset: bigint },
  message: FetchedMessage,
): WaitingLetter['content'] {
  try {
    return readMessage(place, message);
  } catch (error) {
    if (error instanceof MessageUnreadableError) return error;
    throw error;
  }
}
