import { expect, onTestFinished, test } from 'vitest';
import { composeMail } from '../compose-mail.ts';
import { cancelled, type Notification } from '../notification.ts';
import { makeNotification, startMs } from '../testing/fixtures.ts';
import { createSqliteMailboxStore } from './sqlite-mailbox-store.ts';
import { openNotificationDatabase } from './sqlite-notification-database.ts';
import { createSqliteNotificationStore } from './sqlite-notification-store.ts';

function openBoth() {
  const database = openNotificationDatabase(':memory:');
  onTestFinished(() => database.close());
  const store = createSqliteNotificationStore(database);
  return { store, mailbox: createSqliteMailboxStore(database) };
}

const context = {
  publicUrl: new URL('https://app.example'),
  productName: 'Credential Renewal',
  from: { name: '', address: 'no-reply@app.example' },
};

function mailOf(...parts: [Notification, ...Notification[]]) {
  return composeMail(parts, context);
}

test('of 50 concurrent deliveries of one notification one is written', async () => {
  const { store, mailbox } = openBoth();
  const notification = makeNotification();
  await store.create(notification);
  const answers = await Promise.all(
    Array.from({ length: 50 }, () =>
      mailbox.addMail(mailOf(notification), [notification], startMs),
    ),
  );
  expect(answers.filter(Boolean)).toHaveLength(1);
  expect(await mailbox.list({ to: undefined, after: undefined, limit: 10 })).toHaveLength(1);
});

test('a digest of which one part was cancelled is not written, and no part is marked', async () => {
  const { store, mailbox } = openBoth();
  const parts = [
    makeNotification({ id: 'n-1', episodeId: 'e-1' }),
    makeNotification({ id: 'n-2', episodeId: 'e-2' }),
  ] as const;
  for (const part of parts) await store.create(part);
  await store.update('n-2', cancelled);
  expect(await mailbox.addMail(mailOf(...parts), parts, startMs)).toBe(false);
  expect(await mailbox.get('n-1')).toBeUndefined();
  expect((await store.firstWaiting())?.id).toBe('n-1');
});

test('the mail and the marks of all its parts are written together', async () => {
  const { store, mailbox } = openBoth();
  const parts = [
    makeNotification({ id: 'n-1', episodeId: 'e-1' }),
    makeNotification({ id: 'n-2', episodeId: 'e-2' }),
  ] as const;
  for (const part of parts) await store.create(part);
  expect(await mailbox.addMail(mailOf(...parts), parts, startMs + 5)).toBe(true);
  for (const episodeId of ['e-1', 'e-2']) {
    expect(await store.find({ episodeId, userId: 'user-ann', kind: 'expired' })).toMatchObject({
      state: 'sent',
      mailId: 'n-1',
      sentAtMs: startMs + 5,
    });
  }
  expect(await mailbox.get('n-1')).toMatchObject({
    kind: 'digest',
    messageId: '<n-1@app.example>',
    episodeIds: ['e-1', 'e-2'],
  });
});
