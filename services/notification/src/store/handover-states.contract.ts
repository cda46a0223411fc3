import { expect, test } from 'vitest';
import type { Notification } from '../notification.ts';
import { claimed, escalated, escalating, resumed, sent } from '../notification-steps.ts';
import { cancelledNow, makeNotification, makeUse, startMs } from '../testing/fixtures.ts';
import type { OpenedStores } from './notification-stores.contract.ts';

/** What the stores promise of mails that are handed over, of deliveries, of choices and of reports. */
export function handoverStatesContract(open: () => Promise<OpenedStores>): void {
  const make = (id: string, changes: Partial<Notification> = {}) =>
    makeNotification({ id, episodeId: `episode of ${id}`, ...changes });
  const openWith = async (...notifications: readonly Notification[]) => {
    const opened = await open();
    for (const one of notifications) await opened.notifications.create(one);
    return { ...opened, store: opened.notifications };
  };
  const ids = (found: readonly Notification[]) => found.map(({ id }) => id);
  const claim = (mailId: string, untilMs: number) => (now: Notification) =>
    claimed(now, { mailId, atMs: startMs, untilMs });

  test('what is offered is due, waits, and comes with digests first and then by how long it is due', async () => {
    const { store } = await openWith(
      make('n-1', { dueAtMs: startMs - 10 }),
      make('n-2', { dueAtMs: startMs - 20 }),
      make('n-3', { dueAtMs: startMs - 5, inDigest: true }),
      make('n-4', { dueAtMs: startMs + 1 }),
      make('n-5', { kind: 'reminder', number: 1, dueAtMs: startMs - 7, inDigest: true }),
      make('n-6', { dueAtMs: startMs - 30 }),
      make('n-7', { dueAtMs: startMs - 30 }),
    );
    await store.update('n-6', claim('n-6', startMs + 60));
    await store.update('n-7', cancelledNow);
    expect(ids(await store.listDue(startMs, 10))).toEqual(['n-5', 'n-3', 'n-2', 'n-1']);
    expect(ids(await store.listDue(startMs, 2))).toEqual(['n-5', 'n-3']);
  });

  test('a kind has as many keys as it has numbers', async () => {
    const { store } = await openWith();
    const reminder = (id: string, number: number) =>
      makeNotification({ id, kind: 'reminder', number });
    expect(await store.create(reminder('n-1', 1))).toBe(true);
    expect(await store.create(reminder('n-2', 3))).toBe(true);
    expect(await store.create(reminder('n-3', 1))).toBe(false);
    const key = { episodeId: 'episode-1', userId: 'user-ann', kind: 'reminder' } as const;
    expect((await store.find({ ...key, number: 3 }))?.id).toBe('n-2');
    expect(await store.find({ ...key, number: 7 })).toBeUndefined();
    expect(await store.count()).toEqual([{ kind: 'reminder', state: 'waiting', count: 2 }]);
    expect(ids(await store.listOfEpisode('episode-1', 'user-ann'))).toEqual(['n-1', 'n-2']);
  });

  test('a digest takes a kind whatever its numbers, and what goes out daily is another one', async () => {
    const digest = { inDigest: true, kind: 'reminder' } as const;
    const { store } = await openWith(
      make('n-1', { ...digest, number: 1 }),
      make('n-2', { ...digest, number: 7 }),
      make('n-3', { ...digest, number: 3, daily: true }),
      make('n-4', { inDigest: true, daily: true }),
      make('n-5', { inDigest: true }),
    );
    const due = async (of: 'reminder' | 'daily' | 'expired') =>
      ids(await store.listDueDigest({ userId: 'user-ann', of }, startMs));
    expect(await due('reminder')).toEqual(['n-1', 'n-2']);
    expect(await due('daily')).toEqual(['n-3', 'n-4']);
    expect(await due('expired')).toEqual(['n-5']);
  });

  test('a claim is looked at again when its time has come, and not before', async () => {
    const { store, reopen } = await openWith(make('n-1'), make('n-2'));
    await store.update('n-1', claim('mail-1', startMs + 60));
    await store.update('n-2', claim('mail-1', startMs + 60));
    expect(await store.listOldClaims(startMs + 59, 10)).toEqual([]);
    expect(await store.nextDueAtMs()).toBe(startMs + 60);
    const { notifications } = await reopen();
    expect(ids(await notifications.listOldClaims(startMs + 60, 10))).toEqual(['n-1', 'n-2']);
    expect(ids(await notifications.listOldClaims(startMs + 60, 1))).toHaveLength(1);
    await notifications.update('n-1', (now) => resumed(now, startMs + 60));
    expect(ids(await notifications.listDue(startMs + 60, 10))).toEqual(['n-1']);
    expect(ids(await notifications.listOfMail('mail-1'))).toEqual(['n-1', 'n-2']);
    expect(await notifications.listOfMail('mail-2')).toEqual([]);
  });

  test('of 50 that claim the same one wins', async () => {
    const { store } = await openWith(make('n-1'));
    const answers = await Promise.all(
      Array.from({ length: 50 }, async (_, index) => {
        let won = false;
        await store.update('n-1', (now) => {
          won = now.state === 'waiting';
          return won ? claim(`mail-${index}`, startMs + 1)(now) : now;
        });
        return won;
      }),
    );
    expect(answers.filter(Boolean)).toHaveLength(1);
    const [{ mailId, handovers } = make('none')] = await store.listOldClaims(startMs + 1, 10);
    expect({ mailId, handovers }).toEqual({
      mailId: `mail-${answers.indexOf(true)}`,
      handovers: 1,
    });
  });

  test('what is being handed over counts as unsent, and a turn that is yet to come does not', async () => {
    const { store } = await openWith(
      make('n-1', { createdAtMs: startMs }),
      make('n-2', { createdAtMs: startMs - 99, waitsSinceMs: startMs + 500 }),
    );
    await store.update('n-1', claim('n-1', startMs + 60));
    expect(await store.oldestUnsentSinceMs()).toBe(startMs);
    await store.update('n-1', (now) => sent(now, { mailId: 'n-1', atMs: startMs }));
    expect(await store.oldestUnsentSinceMs()).toBe(startMs + 500);
  });

  test('what is to be told to somebody else is found until that has happened', async () => {
    const { store, reopen } = await openWith(make('n-1'), make('n-2'), make('n-3'));
    await store.update('n-2', escalating);
    await store.update('n-3', escalating);
    expect(ids(await store.listToEscalate(1))).toEqual(['n-2']);
    await store.update('n-2', escalated);
    const { notifications } = await reopen();
    expect(ids(await notifications.listToEscalate(10))).toEqual(['n-3']);
  });

  test('everything of a credential comes in pages, newest first, and what waits of it oldest first', async () => {
    const { store } = await openWith(
      ...[1, 2, 3, 4].map((number) => make(`n-${number}`)),
      make('n-5', { credentialId: 'credential-2' }),
      make('n-6', { kind: 'reminder', number: 1 }),
    );
    await store.update('n-2', cancelledNow);
    const page = async (after: string | undefined) =>
      ids(await store.listOfCredential({ credentialId: 'credential-1', after, limit: 2 }));
    expect(await page(undefined)).toEqual(['n-6', 'n-4']);
    expect(await page('n-4')).toEqual(['n-3', 'n-2']);
    expect(await page('n-2')).toEqual(['n-1']);
    const waiting = await store.listWaitingOfCredential('credential-1');
    expect(ids(waiting)).toEqual(['n-1', 'n-3', 'n-4', 'n-6']);
  });

  test('a delay is found once it is old enough, until it was told', async () => {
    const { store, reopen } = await openWith();
    const { trouble } = makeNotification();
    const delay = (sinceMs: number, told: boolean) => ({
      ...{ accountId: 'account-1', told },
      trouble: { ...trouble, sinceMs },
    });
    const observe = (credentialId: string, more: object) =>
      store.observeCredential(credentialId, () => ({
        ...{ credentialId, version: 1n, gone: false },
        ...more,
      }));
    await observe('c-1', { delay: delay(startMs - 5, false) });
    await observe('c-2', { delay: delay(startMs - 6, true) });
    await observe('c-3', { delay: delay(startMs + 1, false) });
    await observe('c-4', { expiresAtMs: startMs });
    const { notifications } = await reopen();
    const delayed = await notifications.listDelayedSince(startMs, 10);
    expect(delayed).toEqual([
      { credentialId: 'c-1', version: 1n, gone: false, delay: delay(startMs - 5, false) },
    ]);
    expect((await notifications.getCredential('c-4'))?.expiresAtMs).toBe(startMs);
  });

  test('a choice is one person’s of one account, stays after reopening, and none of many at once is lost', async () => {
    const { preferences, reopen } = await openWith();
    const ann = { accountId: 'account-1', userId: 'user-ann' };
    expect(await preferences.get(ann)).toBeUndefined();
    await preferences.update(ann, () => ({ timing: 'daily_digest', reminders: true }));
    let seen = 0;
    await Promise.all(
      Array.from({ length: 20 }, () =>
        preferences.update(ann, (now) => {
          seen = Math.max(seen, now ? 1 : 0);
          return { timing: now?.timing ?? 'immediate', reminders: false };
        }),
      ),
    );
    expect(seen).toBe(1);
    const again = await reopen();
    expect(await again.preferences.get(ann)).toEqual({ timing: 'daily_digest', reminders: false });
    expect(await again.preferences.get({ ...ann, accountId: 'account-2' })).toBeUndefined();
    expect(await again.preferences.get({ ...ann, userId: 'user-bob' })).toBeUndefined();
  });

  test('a report is remembered after reopening, also when it is remembered twice at once', async () => {
    const { reports, reopen } = await openWith();
    expect(await reports.has('report-1')).toBe(false);
    await Promise.all([reports.remember('report-1'), reports.remember('report-1')]);
    const again = await reopen();
    expect(await again.reports.has('report-1')).toBe(true);
    expect(await again.reports.has('report-2')).toBe(false);
  });

  test('what was said of uses is stored whole', async () => {
    const written = make('n-1', {
      ...{ kind: 'escalation', number: undefined, unreachedName: 'Ann', waitsSinceMs: startMs },
      uses: [makeUse({ why: 'administrator', workspace: { id: 'w', name: 'W' } })],
      explanation: { code: 'bounced', text: '550' },
    });
    const { reopen } = await openWith(written);
    const { notifications } = await reopen();
    expect(await notifications.listOfEpisode('episode of n-1', 'user-ann')).toEqual([written]);
  });
}
