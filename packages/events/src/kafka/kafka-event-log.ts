import type { Clock, Logger } from '@credential-renewal/runtime';
import type { Registry } from 'prom-client';
import { EventLogUnavailableError, TopicUnknownError } from '../errors.ts';
import type { EventLog, Subscription } from '../event-log.ts';
import { checkReadable, consumerGroups, deadLetterTopic, isTopic } from '../topic-partition.ts';
import { createGroupSubscription } from './group-subscription.ts';
import { createKafkaConnections } from './kafka-connections.ts';
import { writeMessage } from './kafka-message.ts';
import { registerKafkaMetrics } from './kafka-metrics.ts';
import type { KafkaSettings } from './kafka-settings.ts';
import { startTail } from './kafka-tail.ts';
import { createLags } from './lags.ts';
import { createSetAside } from './set-aside.ts';
import { createTopicNames } from './topic-names.ts';

/** A reader of this process. */
type Reader = Subscription & { problem(): string | undefined };

/**
 * The event log in Kafka. Throws when the brokers refuse us, or the topics are not as they must be; brokers that cannot be reached are waited
 * for in the background, and `problem` says so.
 */
export async function openKafkaEventLog(options: {
  settings: KafkaSettings;
  /** Who this is: the client id that the brokers see. */
  service: string;
  clock: Clock;
  logger: Logger;
  metrics: Registry;
  random?: () => number;
  /** The groups that have dead letters. */
  groups?: readonly string[];
  /** Before every name of a topic and a group, for tests. */
  namePrefix?: string;
}): Promise<EventLog> {
  const { settings, clock, logger, metrics, random = Math.random } = options;
  const { groups = consumerGroups, namePrefix = '' } = options;
  const names = createTopicNames(namePrefix);
  const connections = await createKafkaConnections({ ...options, names, groups, random });
  const { view, watch } = connections;
  const readers = new Set<Reader>();
  let isClosed = false;
  let closing: Promise<void> | undefined;

  const lags = createLags({ connections, names });
  const problem = () => {
    if (isClosed) return 'the event log is closed';
    const ofReaders = [...readers].map((reader) => reader.problem());
    return watch.problem() ?? ofReaders.find((one) => one !== undefined);
  };
  const counters = registerKafkaMetrics({ metrics, problem, lags: lags.all });
  const publisher = connections.createPublisher(counters.publishFailed);
  const setAside = createSetAside({ publisher, names, counted: counters.deadLetter, logger });

  function follow(reader: Reader, stopped: () => void = () => undefined): Subscription {
    readers.add(reader);
    return {
      async stop() {
        await reader.stop();
        readers.delete(reader);
        stopped();
      },
    };
  }

  async function close(): Promise<void> {
    await Promise.all([...readers].map((reader) => reader.stop()));
    isClosed = true;
    await publisher.close();
    await connections.close();
  }

  return {
    async publish(events) {
      for (const event of events) if (!isTopic(event.type)) throw new TopicUnknownError(event.type);
      if (isClosed) throw new EventLogUnavailableError('it is closed');
      if (!watch.isChecked()) throw new EventLogUnavailableError(watch.problem() ?? 'it starts');
      await publisher.publish(
        events.map((event) => ({ topic: names.topic(event.type), message: writeMessage(event) })),
      );
    },
    publishDeadLetter: setAside.publishDeadLetter,
    async subscribe({ group, topics, handle, began }) {
      checkReadable(topics);
      for (const topic of [...topics, deadLetterTopic(group)]) {
        // A group that nobody declared: its messages that are no events would have nowhere to go.
        if (!connections.knows(names.topic(topic))) throw new TopicUnknownError(topic);
      }
      const subscription = createGroupSubscription({
        groupLink: connections.link(),
        fetchLink: connections.link(),
        view,
        groupId: names.group(group),
        topics: topics.map(names.topic),
        sessionTimeoutMs: settings.sessionTimeoutMs,
        handle: setAside.elseHandle(group, handle),
        began: ({ topic, partition }) => began?.(names.ours(topic), partition),
        logger,
        random,
      });
      lags.joined(group, topics, subscription);
      return follow(subscription, () => lags.left(subscription));
    },
    async tail({ topics, from, handle, caughtUp }) {
      checkReadable(topics);
      const tail = await startTail({
        link: connections.link(),
        view,
        topics: topics.map(names.topic),
        from,
        handle: setAside.elseSkip(handle),
        caughtUp: () => caughtUp?.(),
        logger,
        random,
        nowMs: clock.nowMs(),
      });
      return follow(tail);
    },
    lag: lags.of,
    problem,
    close() {
      closing ??= close();
      return closing;
    },
  };
}
