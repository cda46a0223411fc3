import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createLogger, systemClock } from '@credential-renewal/runtime';
import { expect, onTestFinished, test } from 'vitest';
import type { Notification } from '../notification.ts';
import { firstDue, makeNotification, startMs } from '../testing/fixtures.ts';
import { temporaryDirectory } from '../testing/start-room.ts';
import { openNotificationStores } from './open-notification-stores.ts';
import {
  notificationMigrations,
  openNotificationDatabase,
} from './sqlite-notification-database.ts';

const deps = { clock: systemClock, logger: createLogger({ service: 'test', level: 'silent' }) };

/** How many migrations the release before this one knew. */
const migrationsBefore = 2;

/** A file as the release before this one left it: its tables, and a document as it wrote them. */
async function writtenBefore(notifications: readonly Notification[]): Promise<string> {
  const path = join(temporaryDirectory(), 'notification.db');
  await openNotificationDatabase(path, notificationMigrations.slice(0, migrationsBefore)).close();
  const database = new DatabaseSync(path);
  const insert = database.prepare(
    `INSERT INTO notifications (id, kind, episode_id, user_id, credential_id, state, episode_open, in_digest,
       due_at_ms, created_at_ms, document) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  for (const one of notifications) {
    insert.run(
      ...[one.id, one.kind, one.episodeId, one.recipient.userId, one.credentialId, one.state],
      ...[Number(one.episodeOpen), Number(one.inDigest), one.dueAtMs, one.createdAtMs],
      JSON.stringify(one),
    );
  }
  database.exec(
    `INSERT INTO credentials (credential_id, version, open_episode_id, gone) VALUES ('credential-1', '7', 'episode-1', 0)`,
  );
  database.close();
  return path;
}

test('what the release before wrote is read, offered, counted and sent', async () => {
  const path = await writtenBefore([
    makeNotification({ id: 'n-1' }),
    makeNotification({ id: 'n-2', episodeId: 'episode-2', inDigest: true }),
    makeNotification({
      ...{ id: 'n-3', episodeId: 'episode-3', state: 'sent', mailId: 'n-3', sentAtMs: startMs },
    }),
    makeNotification({
      ...{ id: 'n-4', episodeId: 'episode-4', state: 'failed', failure: 'address_missing' },
    }),
  ]);
  const stores = await openNotificationStores({ engine: 'sqlite', path }, deps);
  onTestFinished(() => stores.close());
  const { notifications: store } = stores;
  expect((await firstDue(store))?.id).toBe('n-2');
  const digest = await store.listDueDigest({ userId: 'user-ann', of: 'expired' }, startMs);
  expect(digest.map(({ id }) => id)).toEqual(['n-1', 'n-2']);
  expect((await store.listOfMail('n-3')).map(({ id }) => id)).toEqual(['n-3']);
  expect(await store.listToEscalate(10)).toEqual([]);
  expect(await store.count()).toContainEqual({ kind: 'expired', state: 'failed', count: 1 });
  expect(await store.getCredential('credential-1')).toEqual({
    ...{ credentialId: 'credential-1', version: 7n, openEpisodeId: 'episode-1', gone: false },
  });
  // Its key is still its key.
  expect(await store.create(makeNotification({ id: 'n-9' }))).toBe(false);
});
