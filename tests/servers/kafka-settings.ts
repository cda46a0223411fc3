export type KafkaPorts = { client: number; internal: number; controller: number };

export type KafkaNodeSettings = {
  /** 1, 2, ... */
  node: number;
  ports: readonly KafkaPorts[];
  directory: string;
  /** What clients are told to connect to: the node itself, or a proxy in front of it. */
  advertisedPorts: readonly number[];
  /** Settings of the clients' listener. */
  security: Record<string, string>;
  more: Record<string, string>;
};

/**
 * `server.properties` of a node that is broker and controller. Clients have a listener of their own; the nodes talk over another one without
 * security, so that a proxy or a login stands in the way of clients only.
 */
export function kafkaSettings(options: KafkaNodeSettings): string {
  const { node, ports, directory, advertisedPorts, security, more } = options;
  const own = ports[node - 1];
  if (!own) throw new Error(`no ports for node ${node}`);
  const nodes = ports.length;
  const { protocol = 'PLAINTEXT', ...securitySettings } = security;
  const settings = {
    'process.roles': 'broker,controller',
    'node.id': node,
    'controller.quorum.voters': ports
      .map(({ controller }, index) => `${index + 1}@127.0.0.1:${controller}`)
      .join(','),
    listeners: `CLIENTS://127.0.0.1:${own.client},INTERNAL://127.0.0.1:${own.internal},CONTROLLER://127.0.0.1:${own.controller}`,
    'advertised.listeners': `CLIENTS://127.0.0.1:${advertisedPorts[node - 1]},INTERNAL://127.0.0.1:${own.internal}`,
    'listener.security.protocol.map': `CLIENTS:${protocol},INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT`,
    'inter.broker.listener.name': 'INTERNAL',
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': `${directory}/data`,
    // Topics are made by a command, never by accident; a test that needs an accident says so.
    'auto.create.topics.enable': false,
    'default.replication.factor': nodes,
    'min.insync.replicas': nodes > 1 ? 2 : 1,
    ...internalTopics(nodes),
    'group.initial.rebalance.delay.ms': 0,
    // A killed broker is let in again when its last session has ended, so a short one; a busy machine must not lose it in between.
    'broker.heartbeat.interval.ms': 500,
    'broker.session.timeout.ms': 4_000,
    // 128 MB by default, for tables that tests do not fill; and compaction within a test's patience.
    'log.cleaner.dedupe.buffer.size': 4 * 1024 * 1024,
    'log.cleaner.backoff.ms': 500,
    ...securitySettings,
    ...more,
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

/** Made when first used. Few partitions: each has files to recover after a kill. */
const internalTopics = (nodes: number): Record<string, number> => ({
  'offsets.topic.num.partitions': 3,
  'offsets.topic.replication.factor': nodes,
  'transaction.state.log.num.partitions': 3,
  'transaction.state.log.replication.factor': nodes,
  'transaction.state.log.min.isr': nodes > 1 ? 2 : 1,
  'share.coordinator.state.topic.num.partitions': 3,
  'share.coordinator.state.topic.replication.factor': nodes,
  'share.coordinator.state.topic.min.isr': nodes > 1 ? 2 : 1,
});
