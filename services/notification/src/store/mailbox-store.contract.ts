import { expect, test } from 'vitest';
import type { Notification } from '../notification.ts';
import { sent } from '../notification-steps.ts';
import { everything, mailOf } from '../testing/deliveries.ts';
import { cancelledNow, firstDue, makeNotification, startMs } from '../testing/fixtures.ts';
import type { OpenedStores } from './notification-stores.contract.ts';

/** What `mailbox-store.ts` promises, for any engine. */
export function mailboxStoreContract(open: () => Promise<OpenedStores>): void {
  const openWith = async (...notifications: readonly Notification[]) => {
    const { notifications: store, mailbox } = await open();
    for (const notification of notifications) await store.create(notification);
    return { store, mailbox };
  };
  const part = (id: string, changes: Partial<Notification> = {}) =>
    makeNotification({ id, episodeId: `episode of ${id}`, ...changes });
  const keyOf = ({ episodeId }: Notification) =>
    ({ episodeId, userId: 'user-ann', kind: 'expired' }) as const;

  test('of 50 concurrent deliveries of one notification one is written', async () => {
    const notification = makeNotification();
    const { mailbox } = await openWith(notification);
    const answers = await Promise.all(
      Array.from({ length: 50 }, () =>
        mailbox.addMail(mailOf(notification), [notification], startMs),
      ),
    );
    expect(answers.filter(Boolean)).toHaveLength(1);
    expect(await mailbox.list(everything)).toHaveLength(1);
  });

  test('a digest of which one part was cancelled is not written, and no part is marked', async () => {
    const parts = [part('n-1'), part('n-2')] as const;
    const { store, mailbox } = await openWith(...parts);
    await store.update('n-2', cancelledNow);
    expect(await mailbox.addMail(mailOf(...parts), parts, startMs)).toBe(false);
    expect(await mailbox.get('n-1')).toBeUndefined();
    expect(await mailbox.list(everything)).toEqual([]);
    expect(await firstDue(store)).toEqual(parts[0]);
  });

  test('the mail and the marks of all its parts are written together', async () => {
    const parts = [part('n-1'), part('n-2')] as const;
    const { store, mailbox } = await openWith(...parts, part('n-3'));
    const mail = mailOf(...parts);
    expect(await mailbox.addMail(mail, parts, startMs + 5)).toBe(true);
    for (const one of parts) {
      const marked = sent(one, { mailId: 'n-1', atMs: startMs + 5 });
      expect(await store.find(keyOf(one))).toEqual(marked);
      expect(await store.update(one.id, cancelledNow)).toEqual(marked);
    }
    expect((await firstDue(store))?.id).toBe('n-3');
    expect(await mailbox.get('n-1')).toEqual({ ...mail, sentAtMs: startMs + 5 });
    expect(await mailbox.get('n-2')).toBeUndefined();
  });

  test('two digests that share a part are not both written', async () => {
    const parts = [part('n-1'), part('n-2'), part('n-3')] as const;
    const [first, second, third] = parts;
    const { store, mailbox } = await openWith(...parts);
    expect(await mailbox.addMail(mailOf(second, third), [second, third], startMs)).toBe(true);
    expect(await mailbox.addMail(mailOf(first, second), [first, second], startMs)).toBe(false);
    expect((await firstDue(store))?.id).toBe('n-1');
    expect((await mailbox.list(everything)).map(({ id }) => id)).toEqual(['n-2']);
  });

  test('of a delivery and a cancel at once one wins', async () => {
    const parts = Array.from({ length: 20 }, (_, index) => part(`n-${index}`));
    const { store, mailbox } = await openWith(...parts);
    await Promise.all(
      parts.flatMap((one) => [
        mailbox.addMail(mailOf(one), [one], startMs),
        store.update(one.id, cancelledNow),
      ]),
    );
    const mails = new Set((await mailbox.list(everything)).map(({ id }) => id));
    for (const one of parts) {
      const { state } = (await store.find(keyOf(one))) ?? {};
      expect(state).toBe(mails.has(one.id) ? 'sent' : 'cancelled');
    }
  });

  test('pages run from the newest to the oldest, and by id within a millisecond', async () => {
    const parts = [1, 2, 3, 4, 5].map((number) => part(`n-${number}`));
    const { mailbox } = await openWith(...parts);
    for (const [index, atMs] of [1, 2, 3, 3, 3].entries()) {
      const one = parts[index] ?? makeNotification();
      await mailbox.addMail(mailOf(one), [one], startMs + atMs);
    }
    const page = async (after: { sentAtMs: number; id: string } | undefined) =>
      (await mailbox.list({ to: undefined, after, limit: 2 })).map(({ id }) => id);
    expect(await page(undefined)).toEqual(['n-5', 'n-4']);
    expect(await page({ sentAtMs: startMs + 3, id: 'n-4' })).toEqual(['n-3', 'n-2']);
    expect(await page({ sentAtMs: startMs + 2, id: 'n-2' })).toEqual(['n-1']);
    expect(await page({ sentAtMs: startMs + 1, id: 'n-1' })).toEqual([]);
  });

  test('a list for one address has only theirs, whatever the case of its letters', async () => {
    const bob = { userId: 'user-bob', name: 'Bob', email: 'Bob@Example.com' };
    const parts = [part('n-1'), part('n-2', { recipient: bob }), part('n-3', { recipient: bob })];
    const { mailbox } = await openWith(...parts);
    for (const one of parts) await mailbox.addMail(mailOf(one), [one], startMs);
    const to = async (address: string) =>
      (await mailbox.list({ ...everything, to: address })).map(({ id }) => id);
    expect(await to('bob@example.COM')).toEqual(['n-3', 'n-2']);
    expect(await to('eve@example.com')).toEqual([]);
  });
}
