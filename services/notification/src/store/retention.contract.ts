import { uuidv7 } from '@credential-renewal/runtime';
import { expect, test } from 'vitest';
import type { Notification } from '../notification.ts';
import { claimed, episodeSettled, escalated, escalating } from '../notification-steps.ts';
import { everything, mailOf } from '../testing/deliveries.ts';
import { cancelledNow, makeNotification, startMs } from '../testing/fixtures.ts';
import type { OpenedStores } from './notification-stores.contract.ts';

const closed = { state: 'sent', episodeOpen: false } as const;

/** What the stores promise of what is old, for any engine. */
export function retentionContract(open: () => Promise<OpenedStores>): void {
  const made = (atMs: number, changes: Partial<Notification> = {}) => {
    const id = uuidv7(atMs);
    return makeNotification({ id, episodeId: `episode of ${id}`, createdAtMs: atMs, ...changes });
  };
  const openWith = async (...notifications: readonly Notification[]) => {
    const opened = await open();
    for (const one of notifications) await opened.notifications.create(one);
    const left = async () => {
      const page = { credentialId: 'credential-1', after: undefined, limit: 100 };
      const found = await opened.notifications.listOfCredential(page);
      return found.map(({ id }) => id).sort();
    };
    return { ...opened, store: opened.notifications, left };
  };

  test('of what is over, what was made before a moment is forgotten, and nothing later', async () => {
    const old = made(startMs - 1, closed);
    const kept = made(startMs, closed);
    const { store, left } = await openWith(old, kept);
    expect(await store.forget(startMs, 10)).toBe(1);
    expect(await left()).toEqual([kept.id]);
    expect(await store.forget(startMs, 10)).toBe(0);
    const { episodeId, kind, recipient } = old;
    expect(await store.find({ episodeId, kind, userId: recipient.userId })).toBeUndefined();
  });

  test('what may still go out, is to be escalated or belongs to an open episode is kept, however old', async () => {
    const [waiting, claim, open, escalation] = [
      made(1, { episodeOpen: false }),
      made(2, { episodeOpen: false }),
      made(3, { state: 'sent' }),
      made(4, closed),
    ];
    const { store, left } = await openWith(waiting, claim, open, escalation);
    await store.update(claim.id, (now) => claimed(now, { mailId: 'm', atMs: 2, untilMs: 9 }));
    await store.update(escalation.id, escalating);
    expect(await store.forget(startMs, 10)).toBe(0);
    expect(await left()).toEqual([waiting, claim, open, escalation].map(({ id }) => id));

    await store.update(waiting.id, cancelledNow);
    await store.update(open.id, (now) => episodeSettled(now, startMs));
    await store.update(escalation.id, escalated);
    expect(await store.forget(startMs, 10)).toBe(3);
    expect(await left()).toEqual([claim.id]);
  });

  test('the oldest go first, as many as were asked for', async () => {
    const old = Array.from({ length: 5 }, (_, index) => made(startMs - 10 + index, closed));
    const { store, left } = await openWith(...old);
    expect(await store.forget(startMs, 3)).toBe(3);
    expect(await left()).toEqual(old.slice(3).map(({ id }) => id));
  });

  test('of ten who forget at once each finds what the others have left', async () => {
    const old = Array.from({ length: 20 }, (_, index) => made(startMs - 100 + index, closed));
    const { store, left } = await openWith(...old);
    const forgotten = await Promise.all(
      Array.from({ length: 10 }, () => store.forget(startMs, 100)),
    );
    expect(forgotten.reduce((sum, count) => sum + count)).toBe(20);
    expect(await left()).toEqual([]);
  });

  test('mails that were sent before a moment leave the mailbox, and no later one', async () => {
    const [old, kept] = [made(startMs - 2), made(startMs - 1)];
    const { mailbox } = await openWith(old, kept);
    await mailbox.addMail(mailOf(old), [old], startMs - 1);
    await mailbox.addMail(mailOf(kept), [kept], startMs);
    await mailbox.forget(startMs);
    expect((await mailbox.list(everything)).map(({ sentAtMs }) => sentAtMs)).toEqual([startMs]);
    expect(await mailbox.get(mailOf(old).id)).toBeUndefined();
  });
}
