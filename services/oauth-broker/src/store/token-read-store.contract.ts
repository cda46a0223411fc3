import { expect, test } from 'vitest';
import { type TokenReadStore, type TokenReads, tokenReadsId } from './token-read-store.ts';

export function exampleReads(changes: Partial<TokenReads> = {}): TokenReads {
  return {
    ...{ accountId: 'acme', credentialId: 'c1', worker: 'sync', day: '2026-11-26' },
    ...{ count: 1, lastReadAtMs: 1_000 },
    ...changes,
  };
}

type OpenStore = { tokenReads: TokenReadStore; close(): Promise<void> };

/** What every engine must do. */
export function testTokenReadStore(
  name: string,
  engine: { open(): Promise<OpenStore>; reset(): Promise<void>; servesReplicas: boolean },
): void {
  async function withStore(
    work: (store: TokenReadStore, other: TokenReadStore) => Promise<void>,
  ): Promise<void> {
    await engine.reset();
    const store = await engine.open();
    const other = engine.servesReplicas ? await engine.open() : store;
    try {
      await work(store.tokenReads, other.tokenReads);
    } finally {
      await store.close();
      if (other !== store) await other.close();
    }
  }
  const all = { accountId: 'acme', fromDay: '2026-01-01', limit: 100 };

  test(`${name}: of fifty counts that are added at once none is lost, and the latest read stays`, () =>
    withStore(async (store, other) => {
      await Promise.all(
        Array.from({ length: 50 }, (_, index) =>
          (index % 2 === 0 ? store : other).add(
            exampleReads({ count: index, lastReadAtMs: (index * 7) % 50 }),
          ),
        ),
      );
      expect(await store.list(all)).toEqual([exampleReads({ count: 1_225, lastReadAtMs: 49 })]);
    }));

  test(`${name}: each day, credential and worker is counted for itself, whatever a worker is called`, () =>
    withStore(async (store) => {
      const apart = [
        exampleReads({ day: '2026-11-25' }),
        exampleReads({ worker: 'sync/2' }),
        exampleReads({ worker: 'Wörker {$gt: ""}' }),
        exampleReads({ credentialId: 'c2' }),
      ];
      for (const reads of apart) await store.add(reads);
      expect(await store.list(all)).toEqual(
        apart.toSorted((a, b) => (tokenReadsId(a) < tokenReadsId(b) ? -1 : 1)),
      );
    }));

  test(`${name}: an account sees its own, page by page, of one credential, from a day on`, () =>
    withStore(async (store) => {
      const days = ['2026-11-24', '2026-11-25', '2026-11-26'];
      for (const day of days) {
        await store.add(exampleReads({ day }));
        await store.add(exampleReads({ day, credentialId: 'c2' }));
        await store.add(exampleReads({ day, credentialId: 'foreign', accountId: 'globex' }));
      }
      const idsOf = async (options: Partial<Parameters<typeof store.list>[0]>) =>
        (await store.list({ ...all, ...options })).map(({ day, credentialId: id }) => day + id);
      expect(await idsOf({ limit: 3 })).toEqual(['2026-11-24c1', '2026-11-24c2', '2026-11-25c1']);
      const after = tokenReadsId(exampleReads({ day: '2026-11-25' }));
      expect(await idsOf({ after, limit: 2 })).toEqual(['2026-11-25c2', '2026-11-26c1']);
      expect(await idsOf({ credentialId: 'c2', fromDay: '2026-11-25' })).toEqual([
        '2026-11-25c2',
        '2026-11-26c2',
      ]);
      expect(await idsOf({ after, fromDay: '2026-11-26' })).toEqual([
        '2026-11-26c1',
        '2026-11-26c2',
      ]);
      expect(await idsOf({ credentialId: 'foreign' })).toEqual([]);
    }));

  test(`${name}: only days before the given one are forgotten`, () =>
    withStore(async (store) => {
      for (const day of ['2026-10-25', '2026-10-26', '2026-10-27'])
        await store.add(exampleReads({ day }));
      expect(await store.forget('2026-10-26')).toBe(1);
      expect((await store.list(all)).map(({ day }) => day)).toEqual(['2026-10-26', '2026-10-27']);
    }));

  test(`${name}: what was added is there after the store was closed and opened again`, async () => {
    await engine.reset();
    const before = await engine.open();
    await before.tokenReads.add(exampleReads());
    await before.close();
    const after = await engine.open();
    expect(await after.tokenReads.list(all)).toEqual([exampleReads()]);
    await after.close();
  });
}
