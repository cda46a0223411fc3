import { afterEach, beforeEach, expect, test } from 'vitest';
import type { DataKeyStore, StoredDataKey } from './data-key-store.ts';
import type { EmptyVault } from './vault-stores.contract.ts';

function key(generation: number, overrides: Partial<StoredDataKey> = {}): StoredDataKey {
  const kid = `key-${generation}`;
  return {
    ...{ kid, wrapped: `${kid} wrapped`, createdAtMs: generation, generation },
    retiredAtMs: undefined,
    ...overrides,
  };
}

/** What `data-key-store.ts` promises, for any engine. */
export function dataKeyStoreContract(makeEmpty: () => Promise<EmptyVault>): void {
  let dataKeys: DataKeyStore;
  let dispose: () => Promise<void>;
  beforeEach(async () => {
    const vault = await makeEmpty();
    const stores = await vault.open();
    dataKeys = stores.dataKeys;
    dispose = async () => {
      await stores.close();
      await vault.dispose();
    };
  });
  afterEach(() => dispose());

  test('data keys come back as they were stored, oldest first', async () => {
    expect(await dataKeys.list()).toEqual([]);
    for (const added of [key(2), key(3), key(1)]) expect(await dataKeys.add(added)).toBe(true);
    expect(await dataKeys.list()).toEqual([key(1), key(2), key(3)]);
  });

  test('of fifty that add a key with the same number one does, and the others change nothing', async () => {
    const added = await Promise.all(
      Array.from({ length: 50 }, (_, index) => dataKeys.add(key(1, { kid: `of-${index}` }))),
    );
    expect(added.filter(Boolean)).toHaveLength(1);
    const [winner, ...others] = await dataKeys.list();
    expect(others).toEqual([]);
    expect(winner?.kid).toBe(`of-${added.indexOf(true)}`);
  });

  test('another wrapping takes the place of the one that was read, and of no other', async () => {
    await dataKeys.add(key(1));
    expect(await dataKeys.rewrap('key-1', 'key-1 wrapped', 'anew')).toBe(true);
    expect(await dataKeys.rewrap('key-1', 'key-1 wrapped', 'late')).toBe(false);
    expect(await dataKeys.rewrap('nobody', 'key-1 wrapped', 'late')).toBe(false);
    expect(await dataKeys.list()).toEqual([key(1, { wrapped: 'anew' })]);
  });

  test('only a retired key can be removed, and its moment stays the first', async () => {
    await dataKeys.add(key(1));
    await dataKeys.add(key(2));
    await dataKeys.remove('key-1');
    await dataKeys.retire('key-1', 10);
    await dataKeys.retire('key-1', 20);
    expect(await dataKeys.list()).toEqual([key(1, { retiredAtMs: 10 }), key(2)]);
    await dataKeys.remove('key-1');
    expect(await dataKeys.list()).toEqual([key(2)]);
  });
}
