import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { aWorkspace } from '../rule-examples.ts';
import type { OpenedRegistry } from './registry-stores.contract.ts';
import type { WorkspaceStore } from './workspace-store.ts';

/** What every engine of `WorkspaceStore` must keep; `open` gives an empty database. */
export function testWorkspaceStore(engine: string, open: () => Promise<OpenedRegistry>): void {
  describe(`${engine} workspace store`, () => {
    let opened: OpenedRegistry;
    let workspaces: WorkspaceStore;
    beforeEach(async () => {
      opened = await open();
      workspaces = opened.replica(0).workspaces;
    });
    afterEach(() => opened.close());

    const list = async (memberId: string | undefined, after?: { order: number; id: string }) => {
      const found = await workspaces.list({ accountId: 'acme', memberId, limit: 2, after });
      return found.map(({ id }) => id);
    };

    test('of 50 writers from the same revision one wins, its members with it', async () => {
      await workspaces.put(aWorkspace({ ada: 'admin' }));
      const won = await Promise.all(
        Array.from({ length: 50 }, (_, index) =>
          opened
            .replica(index)
            .workspaces.put(aWorkspace({ [`user-${index}`]: 'member' }, { revision: 2 })),
        ),
      );
      expect(won.filter(Boolean)).toHaveLength(1);
      expect(await list(`user-${won.indexOf(true)}`)).toEqual(['workspace']);
      expect(await list(`user-${(won.indexOf(true) + 1) % 50}`)).toEqual([]);
      expect(await list('ada')).toEqual([]);
    });

    test('an id is taken once, and a workspace is read as it was written', async () => {
      const taken = await Promise.all(
        Array.from({ length: 50 }, (_, index) =>
          opened.replica(index).workspaces.put(aWorkspace({ ada: 'admin' }, { name: `${index}` })),
        ),
      );
      expect(taken.filter(Boolean)).toHaveLength(1);
      expect(await workspaces.find('workspace')).toEqual(
        aWorkspace({ ada: 'admin' }, { name: `${taken.indexOf(true)}` }),
      );
      expect(await workspaces.find('another')).toBeUndefined();
      const unknown = aWorkspace({}, { id: 'another', revision: 2 });
      expect(await workspaces.put(unknown)).toBe(false);
    });

    test('workspaces are listed newest first, page by page, all of an account or those of a member', async () => {
      await workspaces.put(aWorkspace({ ada: 'member' }, { id: 'a', createdAtMs: 1 }));
      await workspaces.put(aWorkspace({}, { id: 'b', createdAtMs: 2 }));
      await workspaces.put(aWorkspace({ ada: 'admin' }, { id: 'c', createdAtMs: 2 }));
      await workspaces.put(aWorkspace({ ada: 'admin' }, { id: 'd', accountId: 'other' }));
      expect(await list(undefined)).toEqual(['c', 'b']);
      expect(await list(undefined, { order: 2, id: 'b' })).toEqual(['a']);
      expect(await list('ada')).toEqual(['c', 'a']);
      expect(await list('ada', { order: 2, id: 'c' })).toEqual(['a']);
      expect((await workspaces.findMany(['a', 'x'])).map(({ id }) => id)).toEqual(['a']);
    });
  });
}
