import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { aUser } from '../rule-examples.ts';
import type { OpenedRegistry } from './registry-stores.contract.ts';
import type { UserStore } from './user-store.ts';

/** What every engine of `UserStore` must keep; `open` gives an empty database. */
export function testUserStore(engine: string, open: () => Promise<OpenedRegistry>): void {
  describe(`${engine} user store`, () => {
    let opened: OpenedRegistry;
    let users: UserStore;
    beforeEach(async () => {
      opened = await open();
      users = usersOf(0);
    });
    afterEach(() => opened.close());

    const usersOf = (index: number) => opened.replica(index).users;

    test('an account is made once, however many come first, and keeps its id when its name changes', async () => {
      const made = await Promise.all(
        Array.from({ length: 50 }, (_, index) =>
          usersOf(index).ensureAccount({
            ...{ id: `id-${index}`, issuer: 'i', key: 'acme', name: 'Acme' },
          }),
        ),
      );
      expect(new Set(made.map(({ id }) => id)).size).toBe(1);
      const id = made[0]?.id ?? '';
      const renamed = { id: 'unused', issuer: 'i', key: 'acme', name: 'Acme Ltd' };
      expect(await users.ensureAccount(renamed)).toEqual({ ...renamed, id });
      expect(await users.findAccount(id)).toEqual({ ...renamed, id });
      const elsewhere = { id: 'b', issuer: 'another', key: 'acme', name: 'Acme' };
      expect(await users.ensureAccount(elsewhere)).toEqual(elsewhere);
    });

    test('of many names at the same time an account ends with one of them, and everybody is told its id', async () => {
      const before = await users.ensureAccount({ id: 'a', issuer: 'i', key: 'acme', name: '' });
      const told = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          usersOf(index).ensureAccount({ ...before, id: `id-${index}`, name: `name ${index}` }),
        ),
      );
      expect(new Set(told.map(({ id }) => id))).toEqual(new Set(['a']));
      expect(told.map(({ name }) => name)).toContain((await users.findAccount('a'))?.name);
    });

    test('a subject is one user of its account', async () => {
      const taken = await Promise.all(
        Array.from({ length: 50 }, (_, index) =>
          usersOf(index).put(aUser(`id-${index}`, { subject: 'ada' })),
        ),
      );
      expect(taken.filter(Boolean)).toHaveLength(1);
      expect(await users.put(aUser('x', { subject: 'ada', accountId: 'other' }))).toBe(true);
      const found = await users.findBySubject('acme', 'https://idp.example', 'ada');
      expect(found?.id).toBe(`id-${taken.indexOf(true)}`);
    });

    test('a user is read as they were written, and nobody else is', async () => {
      const ada = aUser('ada', { role: 'admin', email: '' });
      await users.put(ada);
      expect(await users.find('ada')).toEqual(ada);
      expect(await users.find('nobody')).toBeUndefined();
      expect(await users.findAccount('nobody')).toBeUndefined();
      expect(await users.findBySubject('acme', 'https://idp.example', 'nobody')).toBeUndefined();
      expect(await users.put(aUser('nobody', { revision: 2 }))).toBe(false);
    });

    test('of 50 writers from the same revision one wins', async () => {
      await users.put(aUser('ada'));
      const won = await Promise.all(
        Array.from({ length: 50 }, (_, index) =>
          usersOf(index).put(aUser('ada', { name: `${index}`, revision: 2 })),
        ),
      );
      expect(won.filter(Boolean)).toHaveLength(1);
      expect((await users.find('ada'))?.name).toBe(`${won.indexOf(true)}`);
    });

    test('active administrators are those of the account who have not left', async () => {
      await users.put(aUser('a', { role: 'admin' }));
      await users.put(aUser('b', { role: 'admin' }));
      await users.put(aUser('c'));
      await users.put(aUser('d', { role: 'admin', accountId: 'other' }));
      await users.put(aUser('b', { role: 'admin', left: true, revision: 2 }));
      expect((await users.listActiveAdmins('acme')).map(({ id }) => id)).toEqual(['a']);
    });

    test('users are listed newest first, page by page, of one account', async () => {
      for (const id of ['a', 'b', 'c']) await users.put(aUser(id));
      await users.put(aUser('d', { accountId: 'other' }));
      const list = async (after: { order: number; id: string } | undefined) =>
        (await users.list('acme', { limit: 2, after })).map(({ id }) => id);
      expect(await list(undefined)).toEqual(['c', 'b']);
      expect(await list({ order: 0, id: 'b' })).toEqual(['a']);
      expect((await users.findMany(['a', 'd', 'x'])).map(({ id }) => id).sort()).toEqual([
        'a',
        'd',
      ]);
    });
  });
}
