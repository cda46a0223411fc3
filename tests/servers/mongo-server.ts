import { chooseLanes, missingLanes, type ServerLane } from './lanes.ts';
import { startMongoStandIn } from './mongo-java.ts';
import { runFacts } from './run-facts.ts';
import { serverPorts } from './server-ports.ts';

/** What faults can be made. */
export type MongoNode = {
  /** SIGKILL. What was acknowledged stays. */
  kill(): Promise<void>;
  /** Keeps port and connections and answers nothing, until `resume`. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Again, on the same port and data; resolves when it answers. One that runs is left alone. */
  start(): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
};

export type MongoServer = MongoNode & {
  lane: ServerLane;
  /** `mongodb://127.0.0.1:PORT`, without a database. A given one may hold a user and options. */
  url: string;
  /** False for the stand-in, which README.md compares with MongoDB. */
  isMongodb: boolean;
  /** False where somebody else runs it: kill, pause, resume and start then reject. */
  canBeKilled: boolean;
};

/** `own`: one that nobody else uses and that can be killed, also where MONGODB_URL is set. */
export type MongoOptions = { own?: boolean };

/** A MongoDB for tests, in the first lane that this machine has (`lanes.ts`). */
export async function startMongo({ own = false }: MongoOptions = {}): Promise<MongoServer> {
  const facts = await runFacts();
  const lane = chooseLanes(facts).mongodb.find((one) => one !== 'given' || !own);
  const [port = 0] = await serverPorts(1);
  const url = `mongodb://127.0.0.1:${port}`;
  switch (lane) {
    case 'given':
      return {
        lane,
        url: facts.mongodbUrl ?? '',
        isMongodb: true,
        canBeKilled: false,
        ...givenMongo,
      };
    case 'containers':
      throw new Error('TBD');
    case 'java':
      return {
        lane,
        url,
        isMongodb: false,
        canBeKilled: true,
        ...(await startMongoStandIn(port)),
      };
    case undefined:
      throw new Error(`No MongoDB can be started here. ${missingLanes(facts).join(' ')}`);
    default:
      throw new Error(`no such lane: ${lane satisfies never}`);
  }
}

const notOurs = async () => {
  throw new Error('This MongoDB is the one of MONGODB_URL: somebody else runs it.');
};

const givenMongo: MongoNode = {
  kill: notOurs,
  pause: notOurs,
  resume: notOurs,
  start: notOurs,
  stop: async () => undefined,
};
