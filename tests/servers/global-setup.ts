import { type KafkaServer, startKafka } from './kafka-server.ts';
import { chooseLanes, missingLanes, weakLanes } from './lanes.ts';
import { type MongoServer, startMongo } from './mongo-server.ts';
import { factsVariable, runFacts } from './run-facts.ts';

/**
 * One Kafka and one MongoDB for all files of the `servers` project, told in variables (`README.md`): a test beside the code cannot import
 * from here. A test that kills a server starts one of its own.
 */
export default async function setUp(): Promise<() => Promise<void>> {
  const facts = await runFacts();
  const missing = missingLanes(facts);
  for (const line of [...missing, ...weakLanes(facts)]) process.stdout.write(`${line}\n`);
  if (missing.length > 0 && process.env.CI === 'true') {
    throw new Error(`With CI=true nothing may be left untested. ${missing.join(' ')}`);
  }
  process.env[factsVariable] = JSON.stringify(facts);

  const lanes = chooseLanes(facts);
  const [kafka, mongo] = await Promise.allSettled([
    lanes.kafka.length > 0 ? startKafka() : undefined,
    lanes.mongodb.length > 0 ? startMongo() : undefined,
  ]);
  const stop = async () => {
    for (const one of [kafka, mongo]) if (one.status === 'fulfilled') await one.value?.stop();
  };
  for (const one of [kafka, mongo]) {
    if (one.status === 'fulfilled') continue;
    await stop();
    throw one.reason;
  }
  tell(started(kafka), started(mongo));
  return stop;
}

/** Vitest starts the processes of the test files afterwards, with this environment. */
function tell(kafka: KafkaServer | undefined, mongo: MongoServer | undefined): void {
  if (kafka) process.env.TEST_KAFKA_BROKERS = kafka.brokers.join(',');
  if (!mongo) return;
  process.env.TEST_MONGODB_URL = mongo.url;
  process.env.TEST_MONGODB_IS_REAL = String(mongo.isMongodb);
}

const started = <T>(result: PromiseSettledResult<T>): T | undefined =>
  result.status === 'fulfilled' ? result.value : undefined;
