import { expect, onTestFinished, test } from 'vitest';
import type { DataKeyStore } from './data-key-store.ts';
import type { EmptyVault } from './vault-stores.contract.ts';

/** What `data-key-store.ts` promises, for any engine. */
export function dataKeyStoreContract(makeEmpty: () => Promise<EmptyVault>): void {
  async function openEmpty(): Promise<DataKeyStore> {
    const vault = await makeEmpty();
    const { dataKeys, close } = await vault.open();
    onTestFinished(async () => {
      await close();
      await vault.dispose();
    });
    return dataKeys;
  }
  const key = (kid: string, createdAtMs: number) => ({ kid, wrapped: `of ${kid}`, createdAtMs });

  test('of many who add a key of one id at once one does, and all see what it added', async () => {
    const dataKeys = await openEmpty();
    const tries = Array.from({ length: 10 }, async (_, index) => {
      const added = await dataKeys.add(key('first', index));
      return { added, seen: await dataKeys.list() };
    });
    const outcomes = await Promise.all(tries);
    expect(outcomes.filter(({ added }) => added)).toHaveLength(1);
    const stored = await dataKeys.list();
    expect(stored).toHaveLength(1);
    for (const { seen } of outcomes) expect(seen).toEqual(stored);
  });

  test('data keys are listed oldest first, and those of one moment by their id', async () => {
    const dataKeys = await openEmpty();
    expect(await dataKeys.list()).toEqual([]);
    for (const added of [key('c', 2), key('b', 2), key('a', 3), key('d', 1)])
      await dataKeys.add(added);
    expect((await dataKeys.list()).map(({ kid }) => kid)).toEqual(['d', 'b', 'c', 'a']);
    expect((await dataKeys.list())[0]).toEqual(key('d', 1));
  });

  test('of fifty that add one key id at once, one does', async () => {
    const vault = await makeEmpty();
    const { dataKeys, close } = await vault.open();
    onTestFinished(async () => {
      await close();
      await vault.dispose();
    });
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        dataKeys.add({ kid: 'first', wrapped: `of ${index}`, createdAtMs: 1 }),
      ),
    );
    expect(answers.filter(Boolean)).toHaveLength(1);
    expect(await dataKeys.list()).toMatchObject([{ wrapped: `of ${answers.indexOf(true)}` }]);
  });
}
