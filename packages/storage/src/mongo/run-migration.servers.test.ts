import { describe, expect, test } from 'vitest';
import { ensureIndexes } from './ensure-indexes.ts';
import type { MongoSchema } from './mongo-migrations.ts';
import { openMongo } from './open-mongo.ts';
import { runMigration } from './run-migration.ts';
import { openTestDatabase, testDeps, testServer } from './test-database.ts';

const schema: MongoSchema = {
  service: 'tasks',
  migrations: [
    {
      description: 'index of titles',
      oldestRelease: 1,
      run: (database) => ensureIndexes(database, 'tasks', [{ name: 'title', key: { title: 1 } }]),
    },
  ],
};

async function run(env: Record<string, string>) {
  const lines: string[] = [];
  const exitCode = await runMigration({ schema, env, write: (line) => lines.push(line) });
  return { exitCode, lines };
}

test('a wrong setting ends the command with its name and an exit code', async () => {
  const { exitCode, lines } = await run({ STORE_URL: 'mongodb://user:geheim@h' });
  expect(exitCode).toBe(1);
  expect(lines.join('\n')).toContain('STORE_URL must name a database');
  expect(lines.join('\n')).not.toContain('geheim');
});

test('for SQLite there is nothing to do', async () => {
  expect(await run({ STORE_URL: 'sqlite:vault.db' })).toEqual({
    exitCode: 0,
    lines: ['An SQLite file is migrated when the service opens it; there is nothing to do.'],
  });
});

test('where nothing listens the command ends with a sentence', async () => {
  const { exitCode, lines } = await run({ STORE_URL: 'mongodb://user:geheim@127.0.0.1:9/tasks' });
  expect(exitCode).toBe(1);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^mongodb:\/\/127\.0\.0\.1:9\/tasks cannot be used: /);
});

describe.skipIf(testServer === '')('with a MongoDB server', () => {
  test('the command makes an empty database usable, and says so once more when asked again', async () => {
    const { settings } = await openTestDatabase();
    const place = settings.url;
    expect(await run({ STORE_URL: settings.url })).toEqual({
      exitCode: 0,
      lines: ['1: index of titles', `${place} went from schema version 0 to 1.`],
    });
    await (await openMongo(settings, schema, testDeps)).close();
    expect(await run({ STORE_URL: settings.url })).toEqual({
      exitCode: 0,
      lines: [`${place} has schema version 1 already.`],
    });
  });
});
