import { createLogger, systemClock } from '@credential-renewal/runtime';
import { migrate } from '@credential-renewal/storage/mongo';
import { describe, expect, test } from 'vitest';
import { firstDue, makeNotification, startMs } from '../testing/fixtures.ts';
import { makeDatabase, testServer } from '../testing/mongo-room.ts';
import { notificationSchema } from './mongo-notification-schema.ts';
import { openNotificationStores } from './open-notification-stores.ts';

const deps = { clock: systemClock, logger: createLogger({ service: 'test', level: 'silent' }) };
const before = { ...notificationSchema, migrations: notificationSchema.migrations.slice(0, 1) };

/** A document as the release before this one wrote it: it knew none of the newer fields. */
function recordOf(notification: ReturnType<typeof makeNotification>) {
  const { id, kind, episodeId, recipient, credentialId, state, episodeOpen } = notification;
  const { inDigest, dueAtMs, createdAtMs } = notification;
  return {
    ...{ _id: id, schemaVersion: 1, version: 1, writes: [], document: notification },
    ...{ kind, episodeId, userId: recipient.userId, credentialId, state, episodeOpen },
    ...{ inDigest, dueAtMs, createdAtMs },
  };
}

describe.skipIf(testServer === '')('with a MongoDB server', () => {
  test('what the release before wrote is offered and changed, and it is not offered what it does not know', async () => {
    const { settings, admin, dispose } = await makeDatabase(before);
    try {
      const records = admin.native<{ _id: string }>('notifications');
      await records.insertMany([
        recordOf(makeNotification({ id: 'n-1' })),
        recordOf(makeNotification({ id: 'n-2', episodeId: 'episode-2', inDigest: true })),
      ]);
      await migrate(admin, notificationSchema, () => undefined);
      const { notifications: store, close } = await openNotificationStores(settings, deps);
      expect((await firstDue(store))?.id).toBe('n-2');
      const digest = await store.listDueDigest({ userId: 'user-ann', of: 'expired' }, startMs);
      expect(digest.map(({ id }) => id)).toEqual(['n-1', 'n-2']);
      expect(await store.create(makeNotification({ id: 'n-9' }))).toBe(false);
      await store.create(makeNotification({ id: 'n-3', kind: 'reminder', number: 1 }));
      // As the sender of the release before asks, while an upgrade rolls out.
      const offered = await records.find({ state: 'waiting' } as object).toArray();
      expect(offered.map(({ _id }) => _id).sort()).toEqual(['n-1', 'n-2']);
      await close();
    } finally {
      await dispose();
    }
  });
});
