import { expect, test } from 'vitest';
import { NotificationNotFoundError } from '../errors.ts';
import { episodeSettled, postponed } from '../notification-steps.ts';
import { cancelledNow, firstDue, makeNotification, startMs } from '../testing/fixtures.ts';
import type { NotificationStore } from './notification-store.ts';
import type { OpenedStores } from './notification-stores.contract.ts';

/** What `notification-store.ts` promises, for any engine. */
export function notificationStoreContract(open: () => Promise<OpenedStores>): void {
  const contract = (
    title: string,
    run: (opened: { store: NotificationStore; reopen: OpenedStores['reopen'] }) => Promise<void>,
  ) =>
    test(title, async () => {
      const { notifications, reopen } = await open();
      await run({ store: notifications, reopen });
    });

  contract('of 50 concurrent creates of one key one wins, and its document stays', async (o) => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        o.store.create(makeNotification({ id: `n-${index}` })),
      ),
    );
    expect(answers.filter(Boolean)).toHaveLength(1);
    const found = await o.store.find({
      episodeId: 'episode-1',
      userId: 'user-ann',
      kind: 'expired',
    });
    expect(found?.id).toBe(`n-${answers.indexOf(true)}`);
  });

  contract('another episode, recipient or kind is another key', async ({ store }) => {
    const { recipient } = makeNotification();
    const variants = [
      {},
      { episodeId: 'episode-2' },
      { recipient: { ...recipient, userId: 'user-bob' } },
      { kind: 'recovered' as const },
    ];
    for (const [index, variant] of variants.entries()) {
      expect(await store.create(makeNotification({ id: `n-${index}`, ...variant }))).toBe(true);
    }
    expect(await store.count()).toEqual(
      expect.arrayContaining([
        { kind: 'expired', state: 'waiting', count: 3 },
        { kind: 'recovered', state: 'waiting', count: 1 },
      ]),
    );
  });

  contract('of 50 concurrent updates none is lost', async ({ store }) => {
    const { id } = makeNotification();
    await store.create(makeNotification());
    await Promise.all(
      Array.from({ length: 50 }, () => store.update(id, (now) => postponed(now, now.dueAtMs + 1))),
    );
    expect(await firstDue(store)).toMatchObject({ attempts: 50, dueAtMs: startMs + 50 });
  });

  contract('an update of an unknown notification is a named error', async ({ store }) => {
    await expect(store.update('unknown', cancelledNow)).rejects.toThrow(NotificationNotFoundError);
  });

  contract('a resolved change is there after reopening, whole', async (o) => {
    const written = makeNotification({ traceparent: '00-a', dependentSources: ['x'] });
    await o.store.create(written);
    await o.store.observeCredential('credential-1', () => ({
      credentialId: 'credential-1',
      version: 9_007_199_254_740_993n,
      openEpisodeId: 'episode-1',
      gone: false,
    }));
    const { notifications: store } = await o.reopen();
    expect(await firstDue(store)).toEqual(written);
    expect(await store.getCredential('credential-1')).toEqual({
      credentialId: 'credential-1',
      version: 9_007_199_254_740_993n,
      openEpisodeId: 'episode-1',
      gone: false,
    });
  });

  contract('open ones of a credential are those of its unsettled episodes', async ({ store }) => {
    const add = (id: string, changes: Parameters<typeof makeNotification>[0]) =>
      store.create(makeNotification({ id, episodeId: id, ...changes }));
    await add('n-1', {});
    await add('n-2', { credentialId: 'credential-2' });
    await add('n-3', { kind: 'recovered' });
    await add('n-4', {});
    await add('n-5', {});
    await store.update('n-4', (now) => episodeSettled(now, startMs));
    const open = await store.listOpenOfCredential('credential-1');
    expect(open.map(({ id }) => id)).toEqual(['n-1', 'n-5']);
  });

  contract(
    'the first waiting is the earliest due, and what is not waiting is passed over',
    async (o) => {
      const { store } = o;
      expect(await firstDue(store)).toBeUndefined();
      expect(await store.oldestUnsentSinceMs()).toBeUndefined();
      const add = (id: string, dueAtMs: number, createdAtMs: number) =>
        store.create(makeNotification({ id, episodeId: id, dueAtMs, createdAtMs }));
      await add('n-1', startMs + 900, startMs);
      await add('n-2', startMs + 100, startMs + 100);
      await add('n-3', startMs + 50, startMs + 50);
      await store.update('n-3', cancelledNow);
      expect((await firstDue(store))?.id).toBe('n-2');
      expect(await store.oldestUnsentSinceMs()).toBe(startMs);
    },
  );

  contract(
    'a digest is what one recipient has due, of one kind, with what should have gone before it',
    async ({ store }) => {
      const add = (id: string, changes: Parameters<typeof makeNotification>[0]) =>
        store.create(makeNotification({ id, episodeId: id, inDigest: true, ...changes }));
      const { recipient } = makeNotification();
      await add('n-1', {});
      await add('n-2', { inDigest: false });
      await add('n-3', { dueAtMs: startMs + 1 });
      await add('n-0', { dueAtMs: startMs + 1, inDigest: false });
      await add('n-4', { recipient: { ...recipient, userId: 'user-bob' } });
      await add('n-5', { kind: 'recovered' });
      await add('n-6', {});
      await add('n-7', {});
      await store.update('n-7', cancelledNow);
      const due = await store.listDueDigest({ userId: 'user-ann', of: 'expired' }, startMs);
      expect(due.map(({ id }) => id)).toEqual(['n-1', 'n-2', 'n-6']);
    },
  );

  contract('of 50 that ask for a place in a window at once each sees the one before', async (o) => {
    const places = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        o.store.admit('user-ann', 'expired', (window) => ({
          window: { startMs, atOnce: [...(window?.atOnce ?? []), `e-${index}`] },
          place: window?.atOnce.length ?? 0,
        })),
      ),
    );
    expect(new Set(places.map(({ place }) => place)).size).toBe(50);
    const other = await o.store.admit('user-ann', 'recovered', (window) => ({
      window: { startMs, atOnce: [] },
      before: window,
    }));
    expect(other.before).toBeUndefined();
  });

  contract('a refused observation leaves the credential as it was', async ({ store }) => {
    const known = { credentialId: 'c', version: 3n, openEpisodeId: undefined, gone: false };
    await store.observeCredential('c', () => known);
    expect(await store.observeCredential('c', () => undefined)).toBeUndefined();
    expect(await store.getCredential('c')).toEqual(known);
    expect(await store.getCredential('other')).toBeUndefined();
  });
}
