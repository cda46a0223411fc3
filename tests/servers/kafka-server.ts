import { startJavaKafka } from './kafka-java.ts';
import type { KafkaPorts } from './kafka-settings.ts';
import { chooseLanes, missingLanes, type ServerLane } from './lanes.ts';
import { runFacts } from './run-facts.ts';
import { serverPorts } from './server-ports.ts';

export type KafkaOptions = {
  /** Every node is broker and controller. */
  nodes?: 1 | 3;
  /** Of the broker, over ours. */
  settings?: Record<string, string>;
};

/** What faults can be made. Nodes count from 1; without a number it is all of them. */
export type KafkaNodes = {
  /** SIGKILL. */
  kill(node?: number): Promise<void>;
  /** Keeps ports and connections and answers nothing, until `resume`. */
  pause(node?: number): Promise<void>;
  resume(node?: number): Promise<void>;
  /** Again, on the same port and data; resolves when it answers. One that runs is left alone. */
  start(node?: number): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
};

export type KafkaServer = KafkaNodes & {
  lane: ServerLane;
  /** `127.0.0.1:PORT`, one for each node. */
  brokers: string[];
  /** False where somebody else runs it: kill, pause, resume and start then reject. */
  canBeKilled: boolean;
};

/** Everything that is decided before a lane starts it. */
export type KafkaPlan = {
  ports: readonly KafkaPorts[];
  advertisedPorts: readonly number[];
  security: Record<string, string>;
  scramUsers: readonly string[];
  more: Record<string, string>;
};

/** A Kafka for tests, in the first lane that this machine has (`lanes.ts`). With options it is always one of our own. */
export async function startKafka(options: KafkaOptions = {}): Promise<KafkaServer> {
  const facts = await runFacts();
  const isPlain = Object.keys(options).length === 0;
  const lane = chooseLanes(facts).kafka.find((one) => one !== 'given' || isPlain);
  switch (lane) {
    case 'given':
      return {
        lane,
        brokers: (facts.kafkaBrokers ?? '').split(','),
        canBeKilled: false,
        ...givenNodes,
      };
    case 'containers':
      throw new Error('TBD');
    case 'java':
      return startOwn(lane, startJavaKafka, options);
    case undefined:
      throw new Error(`No Kafka can be started here. ${missingLanes(facts).join(' ')}`);
    default:
      throw new Error(`no such lane: ${lane satisfies never}`);
  }
}

async function startOwn(
  lane: ServerLane,
  startNodes: (plan: KafkaPlan) => Promise<KafkaNodes>,
  { nodes = 1, settings = {} }: KafkaOptions,
): Promise<KafkaServer> {
  const found = (await serverPorts(nodes * 3)).values();
  const take = () => found.next().value ?? 0;
  const ports = Array.from({ length: nodes }, () => ({
    client: take(),
    internal: take(),
    controller: take(),
  }));
  const advertisedPorts = ports.map(({ client }) => client);
  const plan = { ports, advertisedPorts, security: {}, scramUsers: [], more: settings };
  return {
    lane,
    brokers: advertisedPorts.map((port) => `127.0.0.1:${port}`),
    canBeKilled: true,
    ...(await startNodes(plan)),
  };
}

const notOurs = async () => {
  throw new Error('This Kafka is the one of KAFKA_BROKERS: somebody else runs it.');
};

const givenNodes: KafkaNodes = {
  kill: notOurs,
  pause: notOurs,
  resume: notOurs,
  start: notOurs,
  stop: async () => undefined,
};
