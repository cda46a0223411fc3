import { openSqlite } from '@credential-renewal/storage';
import { expect, test } from 'vitest';
import type { Topic } from './cloud-event.ts';
import { deleteOldEvents } from './event-retention.ts';
import { eventTableMigrations } from './event-table.ts';

const dayMs = 24 * 60 * 60 * 1000;
const nowMs = 1000 * dayMs;

type Record = {
  topic: Topic | 'notification.dlq' | 'notification.replay';
  key: string;
  ageDays: number;
  tombstone?: boolean;
};

/** The places of the records that are left. */
async function leftOf(records: Record[], limit = 100): Promise<number[]> {
  const database = openSqlite({
    path: ':memory:',
    name: 'event-log',
    migrations: eventTableMigrations,
  });
  const left = await database.write((sql) => {
    for (const { topic, key, ageDays, tombstone } of records) {
      sql.run(
        `INSERT INTO events (topic, partition, key, logged_ms, is_tombstone, event) VALUES (?, 0, ?, ?, ?, '{}')`,
        topic,
        key,
        nowMs - ageDays * dayMs,
        tombstone ? 1 : 0,
      );
    }
    deleteOldEvents(sql, nowMs, limit);
    return sql.all<{ offset: number }>('SELECT "offset" FROM events ORDER BY "offset"');
  });
  await database.close();
  return left.map((row) => row.offset - 1);
}

test('a compacted topic keeps the newest of each key for ever, and a week of the others', async () => {
  const topic = 'credential.state';
  expect(
    await leftOf([
      { topic, key: 'a', ageDays: 500 },
      { topic, key: 'a', ageDays: 400 },
      { topic, key: 'b', ageDays: 8 },
      { topic, key: 'b', ageDays: 6 },
      { topic, key: 'b', ageDays: 5 },
    ]),
  ).toEqual([1, 3, 4]);
});

test('a tombstone goes after a week, with all that it ended', async () => {
  const topic = 'source.credential-state';
  const young = [
    { topic, key: 'a', ageDays: 20 },
    { topic, key: 'a', ageDays: 6, tombstone: true },
  ] as const;
  expect(await leftOf([...young])).toEqual([1]);
  expect(
    await leftOf([
      { topic, key: 'a', ageDays: 20 },
      { topic, key: 'a', ageDays: 8, tombstone: true },
      { topic, key: 'b', ageDays: 20 },
    ]),
  ).toEqual([2]);
});

test('a tombstone stays while anything it ended is still there', async () => {
  const topic = 'credential.state';
  // The clock went back in between: the record looks younger than the tombstone that follows it.
  expect(
    await leftOf([
      { topic, key: 'a', ageDays: 2 },
      { topic, key: 'a', ageDays: 8, tombstone: true },
    ]),
  ).toEqual([0, 1]);
});

test('other topics and replays keep 30 days, and dead letters stay', async () => {
  expect(
    await leftOf([
      { topic: 'credential.expired', key: 'a', ageDays: 31 },
      { topic: 'credential.expired', key: 'a', ageDays: 29 },
      { topic: 'notification.replay', key: 'a', ageDays: 31 },
      { topic: 'notification.replay', key: 'a', ageDays: 29 },
      { topic: 'notification.dlq', key: 'a', ageDays: 400 },
    ]),
  ).toEqual([1, 3, 4]);
});

test('one sweep deletes no more than its limit', async () => {
  const old = { topic: 'credential.expired', ageDays: 40 } as const;
  expect(
    await leftOf(
      ['a', 'b', 'c', 'd', 'e'].map((key) => ({ ...old, key })),
      2,
    ),
  ).toHaveLength(3);
});
