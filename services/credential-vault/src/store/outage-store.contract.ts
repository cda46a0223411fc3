import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  calmWatch,
  type DecidedBy,
  endHold,
  type OutageEnd,
  type OutageWatch,
} from '../rules/outage-breaker.ts';
import { sampleOutageSettings, startMs } from '../testing/sample.ts';
import type { OutageStore } from './outage-store.ts';
import type { EmptyVault } from './vault-stores.contract.ts';

const calm = calmWatch('orchard', 'our-client');
const holding: OutageWatch = {
  ...calm,
  hold: {
    ...{ sinceMs: startMs, untilMs: startMs + 1, accountIds: ['a'] },
    ...{ canaries: ['c'], slipped: [] },
  },
};

/** What `outage-store.ts` promises, for any engine. */
export function outageStoreContract(makeEmpty: () => Promise<EmptyVault>): void {
  let vault: EmptyVault;
  let outages: OutageStore;
  let close: () => Promise<void>;
  beforeEach(async () => {
    vault = await makeEmpty();
    const stores = await vault.open();
    outages = stores.outages;
    close = stores.close;
  });
  afterEach(async () => {
    await close();
    await vault.dispose();
  });

  test('a watch comes back as it was stored, also after the store was opened again', async () => {
    expect(await outages.find(calm)).toBeUndefined();
    expect(await outages.replace(holding, 0)).toBe(true);
    await close();
    const stores = await vault.open();
    outages = stores.outages;
    close = stores.close;
    expect(await outages.find(calm)).toEqual({ watch: holding, version: 1 });
    expect(await outages.find({ providerId: 'orchard', clientId: 'another' })).toBeUndefined();
  });

  test('of fifty that write on what they have read one does', async () => {
    const write = (version: number) =>
      Promise.all(Array.from({ length: 50 }, () => outages.replace(holding, version)));
    expect((await write(0)).filter(Boolean)).toHaveLength(1);
    expect((await write(1)).filter(Boolean)).toHaveLength(1);
    expect((await outages.find(calm))?.version).toBe(2);
  });

  test('a watch of an older release has no decisions', async () => {
    const { decisions: _, ...older } = holding;
    await outages.replace(older as OutageWatch, 0);
    expect((await outages.find(calm))?.watch).toEqual(holding);
  });

  test('of canaries, time and people who end a hold at once one does, and its words are kept', async () => {
    await outages.replace(holding, 0);
    const stored = await outages.find(calm);
    const decide = (end: OutageEnd, by?: DecidedBy) =>
      outages.replace(
        endHold(holding, { end, by }, startMs + 1, sampleOutageSettings),
        stored?.version ?? 0,
      );
    const people = Array.from({ length: 20 }, (_, index) => ({ who: `p-${index}`, why: 'known' }));
    const outcomes = await Promise.all([
      ...people.map((by) => decide(by.who.endsWith('1') ? 'confirmed' : 'released', by)),
      decide('ended'),
      decide('released'),
    ]);
    expect(outcomes.filter(Boolean)).toHaveLength(1);
    const winner = outcomes.indexOf(true);
    const watch = (await outages.find(calm))?.watch;
    expect(watch?.hold).toBeUndefined();
    expect(watch?.decisions.map(({ by }) => by)).toEqual([people[winner]]);
    expect(watch?.settling?.end).toBe(watch?.decisions[0]?.end);
  });

  test('those are listed that hold verdicts, or settle them', async () => {
    const settling = { ...calm, clientId: 'two', settling: { end: 'ended' as const, slipped: [] } };
    await outages.replace(holding, 0);
    await outages.replace(settling, 0);
    await outages.replace({ ...calm, clientId: 'three' }, 0);
    const active = async () => (await outages.listActive()).map(({ watch }) => watch.clientId);
    expect((await active()).sort()).toEqual(['our-client', 'two']);
    await outages.replace(calm, 1);
    expect(await active()).toEqual(['two']);
    const all = (await outages.list()).map(({ watch }) => watch.clientId);
    expect(all.sort()).toEqual(['our-client', 'three', 'two']);
  });
}
