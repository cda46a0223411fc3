/** The ways to a real server, in the order in which they are taken. */
export type ServerLane = 'given' | 'containers' | 'java';

/** What this machine and its environment have. */
export type Facts = {
  /** `KAFKA_BROKERS`: host:port, comma separated. */
  kafkaBrokers: string | undefined;
  /** `MONGODB_URL`, without a database. */
  mongodbUrl: string | undefined;
  /** Answers, and so runs containers. */
  docker: boolean;
  /** A development kit, 17 or newer: the servers' mains are compiled. */
  java: boolean;
  maven: boolean;
  /** Python 3.9 or newer, for the consumer example. */
  python: boolean;
};

export type Lanes = {
  /** All that can run here; the first is taken. */
  kafka: ServerLane[];
  mongodb: ServerLane[];
  python: boolean;
};

export function chooseLanes(facts: Facts): Lanes {
  const own: ServerLane[] = [];
  if (facts.docker) own.push('containers');
  if (facts.java && facts.maven) own.push('java');
  return {
    kafka: facts.kafkaBrokers ? ['given', ...own] : own,
    mongodb: facts.mongodbUrl ? ['given', ...own] : own,
    python: facts.python,
  };
}

/** What cannot be tested here, each with the way to it. With CI=true that is a failure. */
export function missingLanes(facts: Facts): string[] {
  const { kafka, mongodb, python } = chooseLanes(facts);
  const lines = [
    missingServer('Kafka', 'KAFKA_BROKERS', kafka, facts),
    missingServer('MongoDB', 'MONGODB_URL', mongodb, facts),
    python ? undefined : 'Python consumer: not tested. Install Python 3.9 or newer.',
  ];
  return lines.filter((line) => line !== undefined);
}

function missingServer(
  name: string,
  variable: string,
  lanes: readonly ServerLane[],
  facts: Facts,
): string | undefined {
  const ownWay = `start Docker, or ${javaWay(facts)}`;
  if (lanes.length === 0) return `${name}: not tested. Set ${variable}, or ${ownWay}.`;
  if (lanes.some(isOwn)) return undefined;
  return `${name}: its faults are not tested, since tests do not kill the one of ${variable}. For them ${ownWay}.`;
}

/** Ours to kill and to give settings. */
export const isOwn = (lane: ServerLane): boolean => lane !== 'given';

/** What is tested with less than the real thing. That is no failure: it is said. */
export function weakLanes(facts: Facts): string[] {
  if (chooseLanes(facts).mongodb[0] !== 'java') return [];
  return [
    'MongoDB: tested with a stand-in that speaks its protocol. For MongoDB itself set MONGODB_URL, or start Docker.',
  ];
}

function javaWay({ java, maven }: Facts): string {
  const lacking = [
    ...(java ? [] : ['a Java development kit (17 or newer)']),
    ...(maven ? [] : ['Maven']),
  ];
  return `install ${lacking.join(' and ')}`;
}
