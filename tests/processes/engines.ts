import { randomBytes } from 'node:crypto';
import { type KafkaServer, startKafka } from '../servers/kafka-server.ts';
import type { Kept, ServiceName } from '../system/product.ts';
import { spawnNode } from '../system/spawned-process.ts';
import { dropDatabase, readDatabase, readTopics } from './kept-by-engines.ts';
import { packageOf, serviceNames } from './process-plan.ts';

/** Where the processes of one product keep everything: databases of its own in the run's MongoDB, and a Kafka of its own. */
export type Engines = {
  eventLogUrl: string;
  storeUrl(service: ServiceName): string;
  /** Makes what a service's store needs: the command that an operator runs before an update. */
  migrate(service: ServiceName): Promise<void>;
  createTopics(): Promise<void>;
  kafka: KafkaServer;
  /** All that databases and topics hold. */
  kept(): Promise<Kept[]>;
  close(): Promise<void>;
};

export async function openEngines(): Promise<Engines> {
  const mongoUrl = process.env['TEST_MONGODB_URL'];
  if (mongoUrl === undefined)
    throw new Error('TEST_MONGODB_URL is not set: the vitest project "processes" sets it');
  // Its own: topics have no prefix, and every product would hear the events of the others.
  const kafka = await startKafka({ nodes: 1 });
  const eventLogUrl = `kafka:${kafka.brokers.join(',')}`;
  const prefix = `test_${randomBytes(5).toString('hex')}`;
  const storeUrl = (service: ServiceName) =>
    withDatabase(mongoUrl, `${prefix}_${packageOf(service)}`);

  return {
    kafka,
    eventLogUrl,
    storeUrl,
    migrate: (service) =>
      runCommand([`services/${packageOf(service)}/src/migrate.ts`], {
        STORE_URL: storeUrl(service),
      }),
    createTopics: () =>
      runCommand(['packages/events/src/create-topics.main.ts', '--replication-factor', '1'], {
        EVENT_LOG_URL: eventLogUrl,
      }),
    async kept() {
      const databases = await Promise.all(serviceNames.map((name) => readDatabase(storeUrl(name))));
      return [...databases.flat(), ...(await readTopics(kafka.brokers))];
    },
    async close() {
      await kafka.stop();
      // The server may be somebody's own (`MONGODB_URL`): nothing of ours stays behind in it.
      await Promise.all(serviceNames.map((name) => dropDatabase(storeUrl(name))));
    },
  };
}

/** A connection string without a database, and one with it; what follows a `?` stays. */
function withDatabase(url: string, database: string): string {
  const [, server = url, options = ''] =
    /^(mongodb(?:\+srv)?:\/\/[^/?]+)\/?(\?.*)?$/.exec(url) ?? [];
  return `${server}/${database}${options}`;
}

async function runCommand(args: readonly string[], env: Record<string, string>): Promise<void> {
  const command = spawnNode(args, { PATH: process.env['PATH'], ...env });
  if ((await command.ended) !== 0) throw new Error(`${args[0]} failed:\n${command.output()}`);
}
