import { createLogger } from '@credential-renewal/runtime';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ensureIndexes } from './ensure-indexes.ts';
import { connectMongo } from './mongo-database.ts';
import { type MongoMigration, type MongoSchema, migrate } from './mongo-migrations.ts';
import { openMongo } from './open-mongo.ts';
import { openTestDatabase, testDeps, testServer } from './test-database.ts';

const silent = () => undefined;

function step(description: string, oldestRelease: number): MongoMigration {
  return {
    description,
    oldestRelease,
    run: (database) =>
      ensureIndexes(database, 'things', [{ name: description, key: { [description]: 1 } }]),
  };
}

const first: MongoSchema = { service: 'vault', migrations: [step('one', 1)] };
/** The second release's; the first can still work on what it leaves. */
const second: MongoSchema = { service: 'vault', migrations: [...first.migrations, step('two', 1)] };
/** The third's; only the second and the third can. */
const third: MongoSchema = {
  service: 'vault',
  migrations: [...second.migrations, step('three', 2)],
};

async function start() {
  const { settings, database } = await openTestDatabase();
  /** All that could have been changed. */
  const contents = async () => {
    const names = (await database.collections()).sort();
    return Promise.all(
      names.map(async (name) => ({
        name,
        documents: await database.native(name).find().toArray(),
        indexes: (await database.native(name).indexes()).map((index) => index.name),
      })),
    );
  };
  const open = async (schema: MongoSchema) => {
    const opened = await openMongo(settings, schema, testDeps);
    onTestFinished(() => opened.close());
    return opened;
  };
  return { settings, database, contents, open };
}

describe.skipIf(testServer === '')('with a MongoDB server', () => {
  test('a migrated database is opened, and is usable', async () => {
    const { database, open } = await start();
    await migrate(database, second, silent);
    expect((await open(second)).problem()).toBeUndefined();
  });

  test('a database of a newer release is opened by those that it still suits', async () => {
    const { database, open } = await start();
    await migrate(database, third, silent);
    await expect(open(second)).resolves.toBeDefined();
  });

  test.each([
    [
      'one that was never migrated',
      undefined,
      first,
      'DATABASE_UNMIGRATED',
      /schema version 0, and this release needs 1: run services\/vault\/src\/migrate\.ts with the same STORE_URL/,
    ],
    [
      'one of an older release',
      first,
      second,
      'DATABASE_UNMIGRATED',
      /schema version 1, and this release needs 2/,
    ],
    [
      'one of a release that left ours behind',
      third,
      first,
      'DATABASE_NEWER',
      /schema version 3, and this release knows only 1.*start the newer release/,
    ],
    [
      'that of another service',
      { ...second, service: 'registry' },
      second,
      'DATABASE_FOREIGN',
      /is not a database of vault.*STORE_URL/,
    ],
  ])(
    '%s is refused with a word on what to do, and nothing is changed',
    async (_which, made, schema, code, message) => {
      const { database, contents, open } = await start();
      if (made) await migrate(database, made, silent);
      const before = await contents();
      const refusal = open(schema);
      await expect(refusal).rejects.toMatchObject({ code });
      await expect(refusal).rejects.toThrow(message);
      await expect(refusal).rejects.toThrow(/\/storage-/);
      expect(await contents()).toEqual(before);
    },
  );

  test('where nothing listens, that is said soon, with the place and without the password', async () => {
    const url = 'mongodb://vault:geheim@127.0.0.1:9/vault?replicaSet=rs';
    const refusal = openMongo({ engine: 'mongodb', poolSize: 1, url }, first, testDeps);
    await expect(refusal).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    await expect(refusal).rejects.toThrow('mongodb://127.0.0.1:9/vault cannot be used');
    await expect(refusal).rejects.not.toThrow('geheim');
  });

  test.each([
    [
      'an unknown option',
      'mongodb://vault:geheim@127.0.0.1:9/vault?magic=1',
      /magic is not supported/,
    ],
    ['a port that is none', 'mongodb://vault:geheim@127.0.0.1:port/vault', /127\.0\.0\.1:port/],
    ['an unescaped password', 'mongodb://vault:ge@heim@127.0.0.1:9/vault', /connection string/],
  ])(
    'a connection string with %s is refused by the name of the setting, without the password',
    async (_what, url, message) => {
      const refusal = openMongo({ engine: 'mongodb', poolSize: 1, url }, first, testDeps);
      await expect(refusal).rejects.toMatchObject({ code: 'DATABASE_URL_INVALID' });
      await expect(refusal).rejects.toThrow(/^STORE_URL /);
      await expect(refusal).rejects.toThrow(message);
      await expect(refusal).rejects.not.toThrow('heim');
    },
  );

  test.each([
    'w=0',
    'w=1&journal=false',
    'readConcernLevel=local',
    'readPreference=secondary',
    'retryWrites=false',
  ])(
    'writes ask for a majority and the journal and reads for a majority, though the connection string says %s',
    async (option) => {
      const { settings } = await openTestDatabase();
      const weaker = { ...settings, url: `${settings.url}?${option}` };
      const database = await connectMongo(weaker, { service: 'test', ...testDeps });
      onTestFinished(() => database.close());
      const things = database.native('things');
      expect(things.readPreference?.mode).toBe('primary');
      expect(things.writeConcern).toMatchObject({ w: 'majority', j: true });
      expect(things.readConcern).toMatchObject({ level: 'majority' });
    },
  );

  test('no collection and no index appears by itself', async () => {
    const { database } = await openTestDatabase();
    const model = database.collection('things', { email: { type: String, index: true } });
    await model.findOne({ email: 'a' });
    expect(await database.collections()).toEqual([]);
  });

  test('a close ends the connection, and what is asked afterwards fails', async () => {
    const { settings } = await openTestDatabase();
    const logger = createLogger({ service: 'test', level: 'silent' });
    const database = await connectMongo(settings, { ...testDeps, service: 'test', logger });
    await database.close();
    await expect(database.native('things').countDocuments()).rejects.toThrow();
  });
});
