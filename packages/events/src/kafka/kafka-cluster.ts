import type { Socket } from 'node:net';
import type { IncomingMessage, OutgoingMessage } from './message-parts.ts';

/**
 * What is used of kafkajs' Cluster and Broker (src/cluster, src/broker of 2.2.4): connections, and requests with their answers decoded. Above
 * them kafkajs has a producer and a consumer, which cannot keep the law of the event log:
 *
 * - its producer fails a batch at the first broker that fails while its requests to others are still under way, so the next batch would
 *   overlap them, and it says of no single event whether it was acknowledged;
 * - its consumer asks a broker for more only after the handlers of everything it got last have resolved, so one slow key holds up every
 *   other (src/consumer/fetcher.js), and it rejoins its group only then, so one slow handler stops every member;
 * - its consumer always needs a group, which a tail does not.
 */
export type KafkaCluster = {
  /** Any that is connected; needs nothing to be known of topics. */
  brokerPool: { findConnectedBroker(): Promise<KafkaBroker> };
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  /** Loads what brokers there are, when a topic is new. */
  addMultipleTargetTopics(topics: readonly string[]): Promise<void>;
  getNodeIds(): string[];
  removeBroker(address: { host: string; port: number }): void;
  /** Connected. */
  findBroker(node: { nodeId: string }): Promise<KafkaBroker>;
};

export type TopicOffsets = { topic: string; partitions: { partition: number; offset: string }[] };

export type FetchedMessage = IncomingMessage & { offset: string; isControlRecord?: boolean };

export type FetchedPartition = {
  partition: number;
  highWatermark: string;
  messages: FetchedMessage[];
};

export type GroupMember = { memberId: string; memberMetadata: Buffer };

export type KafkaBroker = {
  nodeId: number;
  connectionPool: { host: string; port: number; pool: { socket?: Socket }[] };
  disconnect(): Promise<void>;
  metadata(topics: readonly string[]): Promise<{
    topicMetadata: {
      topic: string;
      partitionMetadata: { partitionId: number; leader: number; replicas: number[] }[];
    }[];
  }>;
  findGroupCoordinator(request: { groupId: string; coordinatorType: number }): Promise<{
    coordinator: { nodeId: number };
  }>;
  listOffsets(request: {
    isolationLevel: number;
    topics: { topic: string; partitions: { partition: number; timestamp: number }[] }[];
  }): Promise<{ responses: TopicOffsets[] }>;
  produce(request: {
    topicData: {
      topic: string;
      partitions: { partition: number; messages: Omit<OutgoingMessage, 'partition'>[] }[];
    }[];
    acks: number;
    timeout: number;
  }): Promise<unknown>;
  fetch(request: {
    maxWaitTime: number;
    minBytes: number;
    maxBytes: number;
    isolationLevel: number;
    topics: {
      topic: string;
      partitions: { partition: number; fetchOffset: string; maxBytes: number }[];
    }[];
  }): Promise<{ responses: { topicName: string; partitions: FetchedPartition[] }[] }>;
  offsetFetch(request: {
    groupId: string;
    topics: { topic: string; partitions: { partition: number }[] }[];
  }): Promise<{ responses: TopicOffsets[] }>;
  offsetCommit(request: {
    groupId: string;
    groupGenerationId: number;
    memberId: string;
    topics: TopicOffsets[];
  }): Promise<unknown>;
  joinGroup(request: {
    groupId: string;
    sessionTimeout: number;
    rebalanceTimeout: number;
    memberId: string;
    groupProtocols: { name: string; metadata: Buffer }[];
  }): Promise<{
    generationId: number;
    leaderId: string;
    memberId: string;
    /** Only for the leader. */
    members: GroupMember[];
  }>;
  syncGroup(request: {
    groupId: string;
    generationId: number;
    memberId: string;
    groupAssignment: { memberId: string; memberAssignment: Buffer }[];
  }): Promise<{ memberAssignment: Buffer }>;
  heartbeat(request: {
    groupId: string;
    groupGenerationId: number;
    memberId: string;
  }): Promise<unknown>;
  leaveGroup(request: { groupId: string; memberId: string }): Promise<unknown>;
  deleteRecords(request: { topics: TopicOffsets[]; timeout: number }): Promise<unknown>;
  deleteTopics(request: { topics: string[]; timeout: number }): Promise<unknown>;
  describeConfigs(request: { resources: { type: number; name: string }[] }): Promise<{
    resources: {
      resourceName: string;
      configEntries: { configName: string; configValue: string; configSource: number }[];
    }[];
  }>;
  alterConfigs(request: {
    resources: { type: number; name: string; configEntries: { name: string; value: string }[] }[];
  }): Promise<unknown>;
  createTopics(request: {
    topics: {
      topic: string;
      numPartitions: number;
      replicationFactor: number;
      configEntries: { name: string; value: string }[];
    }[];
    timeout: number;
  }): Promise<unknown>;
};
