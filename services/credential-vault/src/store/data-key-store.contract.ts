import { expect, onTestFinished, test } from 'vitest';
import type { EmptyVault } from './vault-stores.contract.ts';

/** What `data-key-store.ts` promises, for any engine. */
export function dataKeyStoreContract(makeEmpty: () => Promise<EmptyVault>): void {
  test('data keys are listed oldest first, and those of one moment by their id', async () => {
    const vault = await makeEmpty();
    const { dataKeys, close } = await vault.open();
    onTestFinished(async () => {
      await close();
      await vault.dispose();
    });
    const key = (kid: string, createdAtMs: number) => ({ kid, wrapped: `of ${kid}`, createdAtMs });
    expect(await dataKeys.list()).toEqual([]);
    for (const added of [key('c', 2), key('b', 2), key('a', 3), key('d', 1)])
      await dataKeys.add(added);
    expect((await dataKeys.list()).map(({ kid }) => kid)).toEqual(['d', 'b', 'c', 'a']);
    expect((await dataKeys.list())[0]).toEqual(key('d', 1));
  });
}
