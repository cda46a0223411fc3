import { describe, expect, test } from 'vitest';
import { ensureIndexes } from './ensure-indexes.ts';
import type { MongoDatabase } from './mongo-database.ts';
import { openDocuments } from './mongo-documents.ts';
import { type MongoMigration, type MongoSchema, migrate } from './mongo-migrations.ts';
import { openMongo } from './open-mongo.ts';
import { rewriteDocuments } from './rewrite-documents.ts';
import { openTestDatabase, testDeps, testServer } from './test-database.ts';

type OldTask = { title: string; changes: number };
type Task = OldTask & { words?: number };
type TaskRecord = { _id: string; schemaVersion: number; version: number; document: Task };

const silent = () => undefined;
/** More than two batches of a rewrite. */
const many = 405;

const index: MongoMigration = {
  description: 'index of titles',
  oldestRelease: 1,
  run: (database) => ensureIndexes(database, 'tasks', [{ name: 'title', key: { title: 1 } }]),
};

/** The second release counts the words of titles; the first one ignores that. */
function wordCount(onEach: (record: TaskRecord) => void = silent): MongoMigration {
  return {
    description: 'words of titles',
    oldestRelease: 1,
    run: (database, progress) =>
      rewriteDocuments<TaskRecord>(database, {
        ...{ collection: 'tasks', schemaVersion: 2, progress },
        change(record) {
          onEach(record);
          const { document } = record;
          return { $set: { document: { ...document, words: document.title.split(' ').length } } };
        },
      }),
  };
}

const first: MongoSchema = { service: 'tasks', migrations: [index] };
const second = (words = wordCount()): MongoSchema => ({
  service: 'tasks',
  migrations: [index, words],
});

const openTasks = <D extends OldTask>(database: MongoDatabase, schemaVersion: number) =>
  openDocuments<D>({
    ...{ database, name: 'tasks', schemaVersion, fields: { title: String } },
    fieldsOf: ({ title }) => ({ title }),
  });

const bump = <D extends OldTask>(document: D) => ({
  document: { ...document, changes: document.changes + 1 },
});

/** A database of the first release with its tasks. */
async function start() {
  const { database, settings } = await openTestDatabase();
  await migrate(database, first, silent);
  const old = openTasks<OldTask>(database, 1);
  const ids = Array.from({ length: many }, (_, number) => `task-${1_000 + number}`);
  await Promise.all(ids.map((id) => old.insert(id, { title: 'two words', changes: 0 })));
  const records = () =>
    database.native<TaskRecord>('tasks').find().sort({ _id: 1 }).toArray() as Promise<TaskRecord[]>;
  return { database, settings, ids, old, records };
}

describe.skipIf(testServer === '')('with a MongoDB server', { timeout: 60_000 }, () => {
  test('a rewrite that is interrupted goes on where it was, and does nothing twice', async () => {
    const { database, records } = await start();
    const asked: string[] = [];
    const words = wordCount(({ _id }) => {
      if (asked.length === 250) {
        asked.push('interrupted');
        throw new Error('pulled the plug');
      }
      asked.push(_id);
    });
    const interrupted = migrate(database, second(words), silent);
    await expect(interrupted).rejects.toMatchObject({ code: 'DATABASE_MIGRATION_FAILED' });
    await expect(interrupted).rejects.toThrow('(2: words of titles): pulled the plug');
    expect((await records()).filter(({ schemaVersion }) => schemaVersion === 2)).toHaveLength(250);

    expect(await migrate(database, second(words), silent)).toEqual({ from: 1, to: 2 });
    expect(asked).toHaveLength(many + 1);
    expect(new Set(asked).size).toBe(many + 1);
    for (const { document, version } of await records()) {
      expect(document).toEqual({ title: 'two words', changes: 0, words: 2 });
      expect(version).toBe(2);
    }
  });

  test('a second run finds nothing to do', async () => {
    const { database } = await start();
    await migrate(database, second(), silent);
    const untouched = wordCount(() => {
      throw new Error('asked again');
    });
    expect(await migrate(database, second(untouched), silent)).toEqual({ from: 2, to: 2 });
  });

  test('two runs at once from nothing both succeed, and rewrite each document once', async () => {
    const { database, records } = await start();
    await Promise.all([migrate(database, second(), silent), migrate(database, second(), silent)]);
    for (const { document, version } of await records()) {
      expect({ version, words: document.words }).toEqual({ version: 2, words: 2 });
    }
    const { database: empty } = await openTestDatabase();
    await expect(
      Promise.all([migrate(empty, second(), silent), migrate(empty, second(), silent)]),
    ).resolves.toBeDefined();
  });

  test('what both releases write while documents are rewritten is not lost', async () => {
    const { database, ids, old, records } = await start();
    const young = openTasks<Task>(database, 2);
    let migrated = false;
    let rounds = 0;
    /** Goes over all of them until the migration is through, and once more. */
    async function work(from: number): Promise<void> {
      for (let isLast = false; !isLast; ) {
        isLast = migrated;
        rounds++;
        for (let at = from; at < many; at += 15) {
          await old.update(ids[at] ?? '', bump);
          await young.update(ids[at] ?? '', bump);
        }
      }
    }
    const working = [0, 3, 6].map(work);
    await migrate(database, second(), silent);
    migrated = true;
    await Promise.all(working);

    const found = await records();
    const changes = found.reduce((sum, { document }) => sum + document.changes, 0);
    expect(changes).toBe(rounds * 2 * (many / 15));
    for (const { document } of found) expect(document).toMatchObject({ title: 'two words' });
    // Those that only the migration has touched are all new.
    const quiet = found.filter(({ document }) => document.changes === 0);
    expect(quiet.every(({ document }) => document.words === 2)).toBe(true);
    expect(quiet.length).toBeGreaterThan(0);
  });

  test('an older release that the step spares goes on reading and writing', async () => {
    const { database, settings, ids } = await start();
    await migrate(database, second(), silent);
    const opened = await openMongo(settings, first, testDeps);
    try {
      const old = openTasks<OldTask>(opened, 1);
      const [id = ''] = ids;
      expect(await old.update(id, bump)).toMatchObject({ title: 'two words', changes: 1 });
      expect(await old.list({ where: { title: 'two words' } })).toHaveLength(many);
    } finally {
      await opened.close();
    }
  });

  test('each step is told, with how far it is', async () => {
    const { database } = await start();
    const lines: string[] = [];
    await migrate(database, second(), (line) => lines.push(line));
    expect(lines).toEqual([
      '2: words of titles',
      'tasks: 200 documents rewritten',
      'tasks: 400 documents rewritten',
      'tasks: 405 documents rewritten',
    ]);
  });

  test('a database with something in it that is not ours is left as it is', async () => {
    const { database } = await openTestDatabase();
    await database.native('shop').insertOne({ _id: 'somebody’s' });
    const refusal = migrate(database, first, silent);
    await expect(refusal).rejects.toMatchObject({ code: 'DATABASE_FOREIGN' });
    await expect(refusal).rejects.toThrow(
      'point STORE_URL to a database that only this service uses',
    );
    expect(await database.collections()).toEqual(['shop']);
  });

  test('a database of another service is left as it is, and so is a newer one', async () => {
    const { database } = await openTestDatabase();
    await migrate(database, second(), silent);
    await expect(migrate(database, { ...first, service: 'shop' }, silent)).rejects.toMatchObject({
      code: 'DATABASE_FOREIGN',
    });
    await expect(migrate(database, first, silent)).rejects.toMatchObject({
      code: 'DATABASE_NEWER',
    });
    expect(await database.native('schema').find().toArray()).toEqual([
      { _id: 'schema', service: 'tasks', schemaVersion: 2, oldestRelease: 1 },
    ]);
  });

  test('what an interrupted first run has begun is ours', async () => {
    const { database } = await openTestDatabase();
    const failing: MongoMigration = {
      ...index,
      async run(started) {
        await index.run(started, silent);
        throw new Error('pulled the plug');
      },
    };
    const broken = { service: 'tasks', migrations: [failing] };
    await expect(migrate(database, broken, silent)).rejects.toThrow('pulled the plug');
    expect(await migrate(database, first, silent)).toEqual({ from: 0, to: 1 });
  });
});
