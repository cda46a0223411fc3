import type { ListenerSecurity } from './kafka-security.ts';

/** Each is the same inside and outside of a container. */
export type KafkaPorts = {
  client: number;
  /** What clients are told to connect to: the node itself, or a proxy in front of it. */
  advertised: number;
  internal: number;
  controller: number;
};

export type KafkaNodePlan = {
  /** 1, 2, ... */
  node: number;
  clusterId: string;
  /** Of every node. */
  ports: readonly KafkaPorts[];
  /** Of the clients' listener. */
  advertisedHost: string;
  security: ListenerSecurity;
  /** Over all others. */
  more: Record<string, string>;
};

/** What differs between a process and a container. */
export type KafkaPlace = {
  bind: string;
  /** Where the nodes find each other. */
  hostOf(node: number): string;
  /** Made by the node, below a directory that it may write. */
  data: string;
  /** Where the files of the plan's security lie. */
  files: string;
};

/**
 * The settings of a node that is broker and controller. Clients have a listener of their own; the nodes talk over another one without security,
 * so that a proxy or a login stands in the way of clients only.
 */
export function kafkaSettings(plan: KafkaNodePlan, place: KafkaPlace): Record<string, string> {
  const { node, ports, security, more } = plan;
  const { bind, hostOf, data, files } = place;
  const own = ports[node - 1];
  if (!own) throw new Error(`no ports for node ${node}`);
  const voters = ports.map(
    ({ controller }, index) => `${index + 1}@${hostOf(index + 1)}:${controller}`,
  );
  return {
    'process.roles': 'broker,controller',
    'node.id': `${node}`,
    'controller.quorum.voters': voters.join(','),
    listeners: `CLIENTS://${bind}:${own.client},INTERNAL://${bind}:${own.internal},CONTROLLER://${bind}:${own.controller}`,
    'advertised.listeners': `CLIENTS://${plan.advertisedHost}:${own.advertised},INTERNAL://${hostOf(node)}:${own.internal}`,
    'listener.security.protocol.map': `CLIENTS:${security.protocol},INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT`,
    'inter.broker.listener.name': 'INTERNAL',
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': data,
    // Topics are made by a command, never by accident; a test that needs an accident says so.
    'auto.create.topics.enable': 'false',
    ...replication(ports.length),
    'group.initial.rebalance.delay.ms': '0',
    // A killed broker is let in again when its last session has ended, so a short one; a busy machine must not lose it in between.
    'broker.heartbeat.interval.ms': '500',
    'broker.session.timeout.ms': '4000',
    // 128 MB by default, for tables that tests do not fill; and compaction within a test's patience.
    'log.cleaner.dedupe.buffer.size': '4194304',
    'log.cleaner.backoff.ms': '500',
    ...security.settings(files),
    ...more,
  };
}

/** Internal topics are made when first used, with few partitions: each has files to recover after a kill. */
function replication(nodes: number): Record<string, string> {
  const replicas = `${nodes}`;
  const inSync = nodes > 1 ? '2' : '1';
  return {
    'default.replication.factor': replicas,
    'min.insync.replicas': inSync,
    'offsets.topic.num.partitions': '3',
    'offsets.topic.replication.factor': replicas,
    'transaction.state.log.num.partitions': '3',
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': inSync,
    'share.coordinator.state.topic.num.partitions': '3',
    'share.coordinator.state.topic.replication.factor': replicas,
    'share.coordinator.state.topic.min.isr': inSync,
  };
}
