import { DeliveryState } from '@credential-renewal/proto/notification/v1/deliveries';
import { expect, onTestFinished, test } from 'vitest';
import type { Notification } from '../notification.ts';
import { openNotificationDatabase } from '../store/sqlite-notification-database.ts';
import { createSqliteNotificationStore } from '../store/sqlite-notification-store.ts';
import { makeNotification, startMs } from '../testing/fixtures.ts';
import { createListDeliveries } from './list-deliveries.ts';

const context = { signal: new AbortController().signal };
const ofOne = {
  ...{ accountId: 'account-1', credentialId: 'credential-1' },
  ...{ pageSize: 0, pageToken: '' },
};

async function start(...notifications: Partial<Notification>[]) {
  const database = openNotificationDatabase(':memory:');
  onTestFinished(() => database.close());
  const store = createSqliteNotificationStore(database);
  for (const [index, changes] of notifications.entries()) {
    await store.create(makeNotification({ id: `n-${index}`, episodeId: `e-${index}`, ...changes }));
  }
  return createListDeliveries({ store });
}

test.each([
  ['waiting', {}, DeliveryState.QUEUED, ''],
  ['handing_over', {}, DeliveryState.QUEUED, ''],
  ['sent', {}, DeliveryState.SENT, ''],
  ['delivered', {}, DeliveryState.DELIVERED, ''],
  [
    'bounced',
    { explanation: { code: 'bounced', text: '550 unknown user' } },
    DeliveryState.BOUNCED,
    'The mail did not reach the recipient. The mail provider says: 550 unknown user',
  ],
  [
    'cancelled',
    { explanation: { code: 'in_app_only' } },
    DeliveryState.CANCELLED,
    'This person has chosen to get no mails and to look at the pages.',
  ],
  ['cancelled', {}, DeliveryState.CANCELLED, 'There was nothing to tell any more when it was due.'],
  [
    'failed',
    { failure: 'address_missing' },
    DeliveryState.FAILED,
    'No mail address of this person is known.',
  ],
] as const)('%s is told with its time, and why', async (state, more, told, explanation) => {
  const list = await start({ state, stateAtMs: startMs + 5, dueAtMs: startMs + 9, ...more });
  const { deliveries } = await list(ofOne, context);
  const isQueued = told === DeliveryState.QUEUED;
  expect(deliveries).toEqual([
    {
      ...{ notificationId: 'n-0', episodeId: 'e-0', kind: 'expired' },
      ...{ recipientUserId: 'user-ann', recipientName: 'Ann', state: told, explanation },
      stateAt: new Date(isQueued ? startMs : startMs + 5),
      queuedAt: new Date(startMs),
      dueAt: state === 'waiting' ? new Date(startMs + 9) : undefined,
      sentAt: undefined,
      inDigest: false,
    },
  ]);
});

test('what is listed names no address', async () => {
  const list = await start({ state: 'failed' });
  expect(JSON.stringify(await list(ofOne, context))).not.toContain('@');
});

test('pages run from the newest to the oldest without gap or repetition', async () => {
  const list = await start({}, {}, {}, { credentialId: 'credential-2' }, {});
  const seen: string[][] = [];
  let pageToken = '';
  do {
    const page = await list({ ...ofOne, pageSize: 2, pageToken }, context);
    seen.push(page.deliveries.map(({ notificationId }) => notificationId));
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  expect(seen).toEqual([
    ['n-4', 'n-2'],
    ['n-1', 'n-0'],
  ]);
});

test('of the credential of another account there is nothing to see', async () => {
  const list = await start({});
  const { deliveries } = await list({ ...ofOne, accountId: 'account-2' }, context);
  expect(deliveries).toEqual([]);
});

test('a token that no answer had, and a size out of bounds, is refused naming the field', async () => {
  const list = await start({});
  const forged = Buffer.from('n 1; drop').toString('base64url');
  await expect(list({ ...ofOne, pageToken: forged }, context)).rejects.toThrow('page_token');
  await expect(list({ ...ofOne, pageSize: 201 }, context)).rejects.toThrow('page_size');
  await expect(list({ ...ofOne, credentialId: '' }, context)).rejects.toThrow('credential_id');
});
