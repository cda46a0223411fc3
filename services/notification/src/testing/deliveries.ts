import { uuidv7 } from '@credential-renewal/runtime';
import { expect } from 'vitest';
import type { Notification } from '../notification.ts';
import { composeMail, type MailContext } from '../sending/compose-mail.ts';
import type { NotificationStores } from '../store/open-notification-stores.ts';
import { firstDue, makeNotification, startMs } from './fixtures.ts';

export type DeliveryStores = {
  store: NotificationStores['notifications'];
  mailbox: NotificationStores['mailbox'];
  preferences: NotificationStores['preferences'];
};
export type Parts = readonly [Notification, ...Notification[]];

export const everything = { to: undefined, after: undefined, limit: 100_000 };

export const mailContext: MailContext = {
  publicUrl: new URL('https://app.example'),
  productName: 'Credential Renewal',
  from: { name: '', address: 'no-reply@app.example' },
};

export function mailOf(...parts: Parts) {
  return composeMail(parts, { ...mailContext, nowMs: startMs });
}

/** Two new parts of Ann's digest, which is due; the older first. */
export async function addDigest({ store }: DeliveryStores): Promise<[Notification, Notification]> {
  const [one, two] = [uuidv7(startMs), uuidv7(startMs + 1)].map((id) =>
    makeNotification({ id, episodeId: `of ${id}`, inDigest: true }),
  );
  if (!one || !two) throw new Error('two were made');
  await store.create(one);
  await store.create(two);
  return [one, two];
}

export const deliver = ({ mailbox }: DeliveryStores, parts: Parts): Promise<boolean> =>
  mailbox.addMail(mailOf(...parts), parts, startMs);

/** As a sender does it: what Ann is due is sent, until nothing is. More rounds than parts would be turning in a circle. */
export async function deliverAll(stores: DeliveryStores): Promise<void> {
  for (let round = 0; round < 8; round++) {
    if (!(await firstDue(stores.store))) return;
    const digest = { userId: 'user-ann', of: 'expired' } as const;
    const [oldest, ...others] = await stores.store.listDueDigest(digest, startMs);
    if (oldest) await deliver(stores, [oldest, ...others]);
  }
  throw new Error('something is still offered after 8 rounds');
}

/** What must be true whatever has happened: each is sent and in one mail, or cancelled and in none. */
export async function expectEachToldOnce(
  { store, mailbox }: DeliveryStores,
  notifications: readonly Notification[],
): Promise<void> {
  const mails = await mailbox.list(everything);
  for (const { id, episodeId, recipient, kind } of notifications) {
    const found = await store.find({ episodeId, userId: recipient.userId, kind });
    const told = mails.filter(({ episodeIds }) => episodeIds.includes(episodeId));
    expect({ id, state: found?.state, told: told.map((mail) => mail.id) }).toEqual(
      found?.state === 'sent'
        ? { id, state: 'sent', told: [found.mailId] }
        : { id, state: 'cancelled', told: [] },
    );
  }
}
