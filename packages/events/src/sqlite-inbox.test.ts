import { openSqlite, type SqliteDatabase } from '@credential-renewal/storage';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { firstSeen, sqliteInboxSchema } from './sqlite-inbox.ts';

const dayMs = 24 * 60 * 60 * 1000;
let database: SqliteDatabase;

beforeEach(() => {
  database = openSqlite({ path: ':memory:', name: 'test', migrations: [sqliteInboxSchema] });
});
afterEach(() => database.close());

const see = (group: string, id: string, nowMs = 0) =>
  database.write((sql) => firstSeen(sql, group, id, nowMs));

test('an event is new once for each group', async () => {
  expect(await see('registry', 'e1')).toBe(true);
  expect(await see('registry', 'e1')).toBe(false);
  expect(await see('notification', 'e1')).toBe(true);
  expect(await see('registry', 'e2')).toBe(true);
});

test('an event whose handling failed is new again', async () => {
  const failing = database.write((sql) => {
    firstSeen(sql, 'registry', 'e1', 0);
    throw new Error('the state could not be applied');
  });
  await expect(failing).rejects.toThrow('the state could not be applied');
  expect(await see('registry', 'e1')).toBe(true);
});

test('ids are kept for 31 days and then forgotten', async () => {
  await see('registry', 'e1', 0);
  await see('registry', 'e2', 31 * dayMs);
  expect(await see('registry', 'e1', 31 * dayMs)).toBe(false);
  await see('registry', 'e3', 31 * dayMs + 1);
  expect(await see('registry', 'e1', 31 * dayMs + 1)).toBe(true);
});
