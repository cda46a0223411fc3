import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { withDrill, withEndedDrill } from '../drill.ts';
import { drillEvent } from '../drill-event.ts';
import { aDrill, aSource, aState } from '../rule-examples.ts';
import { sourceStateEvent } from '../source-state-event.ts';
import type { Use } from '../use.ts';
import type { RegistryStores } from './open-registry-stores.ts';
import type { OpenedRegistry } from './registry-stores.contract.ts';

/** What every engine of `UseStore` must keep of drills. */
export function testDrills(engine: string, open: () => Promise<OpenedRegistry>): void {
  describe(`${engine} use store, drills`, () => {
    let opened: OpenedRegistry;
    let store: RegistryStores;
    beforeEach(async () => {
      opened = await open();
      store = opened.replica(0);
    });
    afterEach(() => opened.close());

    const living = (id: string) => aSource({ id, credential: aState(1) });
    const overdue = async (atMs: number, limit = 10) =>
      (await store.uses.listOverdueDrills(atMs, limit)).map(({ id }) => id);
    const insert = (...uses: Use[]) => Promise.all(uses.map((use) => store.uses.insert({ use })));

    test('a drill is read as it was written, and leaves the credential as it was', async () => {
      const recipients = [
        { id: 'creator', name: 'Ada', reactedAtMs: 7 },
        { id: 'other', name: 'Max' },
      ];
      const use = withDrill(living('source'), aDrill({ recipients }));
      await insert(use);
      expect(await store.uses.find('source')).toEqual(use);
    });

    test('those whose time is over are found, the first to end first, and no others', async () => {
      await insert(
        living('none'),
        withDrill(living('later'), aDrill({ endsAtMs: 300 })),
        withDrill(living('second'), aDrill({ endsAtMs: 200 })),
        withDrill(living('first'), aDrill({ endsAtMs: 100 })),
        withEndedDrill(withDrill(living('ended'), aDrill({ endsAtMs: 100 })), 'stopped', 50),
        {
          ...withDrill(living('going'), aDrill({ endsAtMs: 100 })),
          deleting: { userId: 'creator', sinceMs: 1 },
        },
      );
      expect(await overdue(99)).toEqual([]);
      expect(await overdue(200)).toEqual(['first', 'second']);
      expect(await overdue(200, 1)).toEqual(['first']);
    });

    test('one that has ended is not found again', async () => {
      const use = withDrill(living('source'), aDrill({ endsAtMs: 100 }));
      await insert(use);
      expect(await overdue(100)).toEqual(['source']);
      const ended = { ...withEndedDrill(use, 'time_over', 100), revision: use.revision + 1 };
      expect(await store.uses.replace({ use: ended })).toBe(true);
      expect(await overdue(100)).toEqual([]);
      expect(await store.uses.find('source')).toEqual(ended);
    });

    test('a write may tell of the use and of its drill, and both leave the outbox, or neither', async () => {
      const use = withDrill(living('source'), aDrill());
      const event = sourceStateEvent(use, false, 1);
      const told = drillEvent(living('source'), use, 1);
      await store.uses.insert({ use, event, drillEvent: told });
      const next = { ...withEndedDrill(use, 'real_expiry', 2), revision: 2, version: 2 };
      const write = {
        use: next,
        event: sourceStateEvent(next, false, 2),
        drillEvent: drillEvent(use, next, 2),
      };
      expect(await store.uses.replace(write)).toBe(true);
      expect(await store.uses.replace(write)).toBe(false);
      const waiting = (await store.outbox.pending(10)).map(({ event: { type, sequence } }) => [
        type,
        Number(sequence),
      ]);
      for (const topic of ['source.credential-state', 'source.drill'])
        expect(waiting.filter(([type]) => type === topic)).toEqual([
          [topic, 1],
          [topic, 2],
        ]);
    });

    test('the last event of a drill outlives its use', async () => {
      const use = withDrill(living('source'), aDrill());
      await insert(use);
      const gone = { ...withEndedDrill(use, 'disconnected', 2), revision: use.revision + 1 };
      await store.uses.remove({ use: gone, drillEvent: drillEvent(use, gone, 2) });
      expect(await store.uses.find('source')).toBeUndefined();
      const waiting = await store.outbox.pending(10);
      expect(waiting.map(({ event }) => event.type)).toEqual(['source.drill']);
    });
  });
}
