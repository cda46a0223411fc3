import type { EventLog } from '../event-log.ts';
import { findLag } from './group-lag.ts';
import type { GroupSubscription } from './group-subscription.ts';
import type { KafkaConnections } from './kafka-connections.ts';
import type { TopicNames } from './topic-names.ts';
import { withTimeout } from './with-timeout.ts';

/** For a scrape of the metrics: without an answer in this time there are no figures. */
const scrapeMs = 1500;

export type Lags = {
  of: EventLog['lag'];
  /** Of every group that this process is a member of; none when the brokers do not answer. */
  all(): Promise<Record<string, Record<string, number>>>;
  joined(group: string, topics: readonly string[], subscription: GroupSubscription): void;
  left(subscription: GroupSubscription): void;
};

export function createLags(options: {
  connections: Pick<KafkaConnections, 'view' | 'controlLink' | 'places'>;
  names: TopicNames;
}): Lags {
  const { connections, names } = options;
  const { view, controlLink: link, places } = connections;
  const members = new Map<GroupSubscription, { group: string; topics: readonly string[] }>();

  async function of(group: string): Promise<Record<string, number>> {
    const own = [...members].filter(([, member]) => member.group === group);
    await Promise.all(own.map(([subscription]) => subscription.flush().catch(() => undefined)));
    const subscribed = new Set(own.flatMap(([, { topics }]) => topics.map(names.topic)));
    const lag = await findLag({ link, view }, names.group(group), places, subscribed);
    return Object.fromEntries(
      Object.entries(lag).map(([topic, count]) => [names.ours(topic), count]),
    );
  }

  return {
    of,
    async all() {
      const groups = [...new Set([...members.values()].map(({ group }) => group))];
      const found = Promise.all(groups.map(async (group) => [group, await of(group)] as const));
      try {
        return Object.fromEntries(await withTimeout(found, scrapeMs));
      } catch {
        return {};
      }
    },
    joined(group, topics, subscription) {
      members.set(subscription, { group, topics });
    },
    left(subscription) {
      members.delete(subscription);
    },
  };
}
