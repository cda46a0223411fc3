import { createLogger, systemClock } from '@credential-renewal/runtime';
import { connectMongo, openMongo, runMigration } from '@credential-renewal/storage/mongo';
import { Binary, type Document } from 'bson';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { startFakeMongo } from '../servers/fake-mongo.ts';
import { commandOf } from '../servers/mongo-message.ts';
import { createMongoProxy, type MongoProxy } from '../servers/mongo-proxy.ts';
import { type MongoServer, startMongo } from '../servers/mongo-server.ts';
import { canStart } from '../servers/own-servers.ts';
import { until } from '../system/until.ts';
import { settingsFor } from './mongo-carriers.ts';

const deps = { clock: systemClock, logger: createLogger({ service: 'test', level: 'silent' }) };
const schema = { service: 'vault', migrations: [] };
const advice = /check STORE_USERNAME and STORE_PASSWORD_FILE, or the user in STORE_URL/;

describe.skipIf(!canStart.mongodb)('a MongoDB that refuses our login', () => {
  let server: MongoServer;
  let proxy: MongoProxy;
  beforeAll(async () => {
    server = await startMongo({ own: true });
    proxy = await createMongoProxy(server.url);
  });
  afterEach(() => proxy.reset());
  afterAll(async () => {
    await proxy?.stop();
    await server?.stop();
  });

  test.each([
    ['beside the connection string', '', { username: 'vault', password: 'geheim' }],
    ['in the connection string', 'vault:geheim@', {}],
  ])(
    'with the user %s the service does not start, and says which settings to check',
    async (_where, user, login) => {
      proxy.refuseAuthentication();
      const url = proxy.url.replace('mongodb://', `mongodb://${user}`);
      const startedMs = performance.now();
      const refusal = openMongo({ ...settingsFor(url, 'vault'), ...login }, schema, deps);
      await expect(refusal).rejects.toMatchObject({ code: 'DATABASE_CREDENTIALS_REFUSED' });
      await expect(refusal).rejects.toThrow(`${proxy.url}/vault refuses our credentials`);
      await expect(refusal).rejects.toThrow(advice);
      await expect(refusal).rejects.not.toThrow('geheim');
      // It will not pass, so it is not tried again.
      expect(performance.now() - startedMs).toBeLessThan(3_000);
    },
  );

  test('the migration command says the same, and nothing is changed', async () => {
    proxy.refuseAuthentication();
    const lines: string[] = [];
    const url = proxy.url.replace('mongodb://', 'mongodb://vault:geheim@');
    const exitCode = await runMigration({
      ...{ schema, write: (line) => lines.push(line) },
      env: { STORE_URL: `${url}/refused` },
    });
    expect(exitCode).toBe(1);
    expect(lines).toEqual([expect.stringMatching(advice)]);
    const database = await connectMongo(settingsFor(server.url, 'refused'), {
      service: 'test',
      ...deps,
    });
    onTestFinished(() => database.close());
    expect(await database.collections()).toEqual([]);
  });
});

test('a login that is refused while we run is a problem with the settings to check, until it is taken again', async () => {
  let refuse = false;
  // A mechanism of one step, so that the fake can be at the other end of it.
  const mechanism = 'authMechanism=PLAIN&authSource=$external';
  const fake = await startFakeMongo((request): Document => {
    switch (commandOf(request)) {
      case 'hello':
      case 'ismaster':
        return {
          ...{ ok: 1, ismaster: true, isWritablePrimary: true, minWireVersion: 0 },
          ...{ maxWireVersion: 21, maxBsonObjectSize: 16_777_216 },
          ...{ maxMessageSizeBytes: 48_000_000, maxWriteBatchSize: 100_000 },
        };
      case 'saslstart':
        return refuse
          ? { ok: 0, code: 18, codeName: 'AuthenticationFailed', errmsg: 'Authentication failed.' }
          : { ok: 1, conversationId: 1, done: true, payload: new Binary() };
      case 'find':
        return { ok: 1, cursor: { id: 0, ns: 'vault.things', firstBatch: [] } };
      default:
        return { ok: 1 };
    }
  });
  onTestFinished(() => fake.stop());
  const lines: { msg: string }[] = [];
  const database = await connectMongo(
    { ...settingsFor(`${fake.url}/?${mechanism}`, 'vault'), username: 'vault', password: 'geheim' },
    {
      ...{ service: 'test', clock: { nowMs: () => Date.UTC(2026, 4, 3) } },
      logger: createLogger({
        ...{ service: 'test', level: 'info' },
        destination: { write: (line) => void lines.push(JSON.parse(line)) },
      }),
    },
  );
  onTestFinished(() => database.close());
  // More at once than there are connections, so that new ones log in.
  const ask = () =>
    Promise.allSettled(
      Array.from({ length: 10 }, () => database.native('things').find().toArray()),
    );
  const refused = `our credentials are refused since 2026-05-03T00:00:00.000Z: check STORE_USERNAME and STORE_PASSWORD_FILE, or the user in STORE_URL`;

  expect(database.problem()).toBeUndefined();
  refuse = true;
  await until(async () => {
    const answers = await ask();
    expect(answers.map(({ status }) => status)).toContain('rejected');
    expect(database.problem()).toBe(refused);
  });
  // The server itself is seen again by then, and it stays a problem.
  for (let time = 0; time < 3; time++) {
    await ask();
    expect(database.problem()).toBe(refused);
  }
  refuse = false;
  await until(() => expect(database.problem()).toBeUndefined());
  expect(lines.map(({ msg }) => msg)).toEqual([
    'the database refuses our credentials',
    'the database takes our credentials again',
  ]);
});
