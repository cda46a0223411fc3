import { startOwnKafka } from './kafka-cluster.ts';
import type { KafkaLogins } from './kafka-security.ts';
import { chooseLanes, isOwn, missingLanes, type ServerLane } from './lanes.ts';
import { runFacts } from './run-facts.ts';
import type { TcpProxy } from './tcp-proxy.ts';

export type KafkaOptions = {
  /** One that nobody else uses and that can be killed, also where KAFKA_BROKERS is set; any other option says so too. */
  own?: boolean;
  /** Every node is broker and controller. */
  nodes?: 1 | 3;
  /** Of the brokers, over ours. */
  settings?: Record<string, string>;
  /** Clients log in with SASL (PLAIN, SCRAM), without or with TLS. */
  security?: 'sasl' | 'sasl-tls';
  /** Clients reach each node through a proxy of its own, and only so. */
  behindProxies?: boolean;
  /** Where clients are told that it is, with the ports of 127.0.0.1, at which it listens: for those that come through a forwarder. */
  advertisedHost?: string;
};

export type KafkaServer = {
  lane: ServerLane;
  /** `127.0.0.1:PORT`, one for each node. */
  brokers: string[];
  /** With `security`: what a client needs to be let in. */
  logins: KafkaLogins | undefined;
  /** With `sasl-tls`: a file with the authority of its certificates. */
  caFile: string | undefined;
  /** With `behindProxies`: one for each node. */
  proxies: TcpProxy[];
  /** False where somebody else runs it: kill, pause, resume and start then reject. */
  canBeKilled: boolean;
  /** SIGKILL. Nodes count from 1; without a number it is all of them, here and below. */
  kill(node?: number): Promise<void>;
  /** Keeps ports and connections and answers nothing, until `resume`. */
  pause(node?: number): Promise<void>;
  resume(node?: number): Promise<void>;
  /** Again, on the same port and data; resolves when it answers. What runs is left alone. */
  start(node?: number): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
};

/** A Kafka for tests, in the first lane that this machine has (`lanes.ts`). */
export async function startKafka(options: KafkaOptions = {}): Promise<KafkaServer> {
  const facts = await runFacts();
  const isAnyGood = Object.keys(options).length === 0;
  const lane = chooseLanes(facts).kafka.find((one) => isAnyGood || isOwn(one));
  switch (lane) {
    case 'given':
      return givenKafka(facts.kafkaBrokers ?? '');
    case 'containers':
    case 'java':
      return startOwnKafka(lane, options);
    case undefined:
      throw new Error(`No such Kafka can be started here. ${missingLanes(facts).join(' ')}`);
    default:
      throw new Error(`no such lane: ${lane satisfies never}`);
  }
}

function givenKafka(brokers: string): KafkaServer {
  const notOurs = async () => {
    throw new Error('This Kafka is the one of KAFKA_BROKERS: somebody else runs it.');
  };
  return {
    lane: 'given',
    brokers: brokers.split(',').map((broker) => broker.trim()),
    logins: undefined,
    caFile: undefined,
    proxies: [],
    canBeKilled: false,
    kill: notOurs,
    pause: notOurs,
    resume: notOurs,
    start: notOurs,
    stop: async () => undefined,
  };
}
