import type { Clock, Logger } from '@credential-renewal/runtime';
import { partitionsOf } from '../topic-partition.ts';
import { type BrokerWatch, startBrokerWatch } from './broker-watch.ts';
import { type ClusterView, createClusterView } from './cluster-view.ts';
import { createKafkaClient } from './kafka-client.ts';
import { createKafkaLink, type KafkaLink } from './kafka-link.ts';
import type { KafkaSettings } from './kafka-settings.ts';
import type { Place } from './place.ts';
import { createBatchSender } from './produce-batch.ts';
import { createPublisher, type Publisher } from './publisher.ts';
import { checkTopics } from './topic-check.ts';
import type { TopicNames } from './topic-names.ts';
import { topicSettings } from './topic-settings.ts';

/** How long all brokers together may take to answer a question about the cluster; one that answers takes milliseconds. */
const viewTimeoutMs = 3000;

export type KafkaConnections = {
  view: ClusterView;
  watch: BrokerWatch;
  /** For questions that wait for nothing. */
  controlLink: KafkaLink;
  /** To be made once. */
  createPublisher(onFailed: (events: number) => void): Publisher;
  /** Connections of its own for one reader, which closes them. */
  link(): KafkaLink;
  /** Every partition of every topic. */
  places: readonly Place[];
  /** Whether it is one of the topics. */
  knows(topic: string): boolean;
  close(): Promise<void>;
};

/** Throws as `startBrokerWatch`, and leaves no connection then. */
export async function createKafkaConnections(options: {
  settings: KafkaSettings;
  service: string;
  names: TopicNames;
  groups: readonly string[];
  clock: Clock;
  logger: Logger;
  random: () => number;
}): Promise<KafkaConnections> {
  const { settings, names, groups, clock, logger, random } = options;
  const { requestTimeoutMs: timeoutMs } = settings;
  const client = createKafkaClient(settings, options);
  const expected = topicSettings(groups).map((one) => ({ ...one, topic: names.topic(one.topic) }));
  const topics = expected.map(({ topic }) => topic);
  const topic = names.topic('credential.state');
  const link = () => createKafkaLink({ client, timeoutMs, topic });
  const controlLink = link();
  const produceLink = createKafkaLink({ client, timeoutMs, topic, keepsSilent: true });
  const view = createClusterView({ link: controlLink, topics, timeoutMs: viewTimeoutMs });
  const closeLinks = () => Promise.all([controlLink.close(), produceLink.close()]);
  try {
    const watch = await startBrokerWatch({
      ...{ view, clock, logger, random },
      async checkTopics() {
        const checkLink = createKafkaLink({ client, timeoutMs, topic: undefined });
        await checkTopics(checkLink, expected).finally(checkLink.close);
      },
    });
    const send = createBatchSender({
      ...{ link: produceLink, view, topic, logger, requestTimeoutMs: timeoutMs },
      // Before our own time-out, so that the leader can say that replicas were too slow.
      ackTimeoutMs: timeoutMs * 0.75,
    });
    return {
      ...{ view, watch, controlLink, link },
      createPublisher: (onFailed) => createPublisher({ send, onFailed }),
      knows: (name) => topics.includes(name),
      places: partitionsOf(topics).map(([name, partition]) => ({ topic: name, partition })),
      async close() {
        await watch.stop();
        await closeLinks();
      },
    };
  } catch (error) {
    await closeLinks();
    throw error;
  }
}
