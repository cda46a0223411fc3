import { chooseLanes, isOwn, missingLanes, type ServerLane } from './lanes.ts';
import { startMongoContainer } from './mongo-containers.ts';
import { startMongoStandIn } from './mongo-java.ts';
import { runFacts } from './run-facts.ts';
import type { ServerNode } from './server-node.ts';
import { serverPorts } from './server-ports.ts';

export type MongoServer = ServerNode & {
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
  const lane = chooseLanes(facts).mongodb.find((one) => !own || isOwn(one));
  const [port = 0] = await serverPorts(1);
  const ours = { url: `mongodb://127.0.0.1:${port}`, canBeKilled: true };
  switch (lane) {
    case 'given':
      return givenMongo(facts.mongodbUrl ?? '');
    case 'containers':
      return { lane, isMongodb: true, ...ours, ...(await startMongoContainer(port)) };
    case 'java':
      return { lane, isMongodb: false, ...ours, ...(await startMongoStandIn(port)) };
    case undefined:
      throw new Error(`No such MongoDB can be started here. ${missingLanes(facts).join(' ')}`);
    default:
      throw new Error(`no such lane: ${lane satisfies never}`);
  }
}

async function givenMongo(url: string): Promise<MongoServer> {
  const notOurs = async () => {
    throw new Error('This MongoDB is the one of MONGODB_URL: somebody else runs it.');
  };
  return {
    lane: 'given',
    url,
    isMongodb: await isMongodbItself(url),
    canBeKilled: false,
    kill: notOurs,
    pause: notOurs,
    resume: notOurs,
    start: notOurs,
    stop: async () => undefined,
  };
}

/** Services and servers that only speak its protocol do not know its storage engine. */
async function isMongodbItself(url: string): Promise<boolean> {
  const { mongo } = await import('mongoose');
  const client = new mongo.MongoClient(url, { serverSelectionTimeoutMS: 10_000 });
  try {
    const { storageEngines = [] } = await client.db('admin').command({ buildInfo: 1 });
    return storageEngines.includes('wiredTiger');
  } catch (error) {
    // Without it as the cause: Vitest fails to print the driver's errors.
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`The server of MONGODB_URL does not answer as it should: ${why}`);
  } finally {
    await client.close();
  }
}
