import { expect, onTestFinished, test } from 'vitest';
import type { Inbox } from './inbox.ts';

const dayMs = 24 * 60 * 60 * 1000;

export type InboxHarness = {
  /** Of a group, in the one database of the harness. */
  inbox(group: string): Inbox;
  setNowMs(nowMs: number): void;
  dispose(): Promise<void>;
};

export function inboxContract(name: string, open: () => Promise<InboxHarness>): void {
  const start = async () => {
    const harness = await open();
    onTestFinished(harness.dispose);
    return harness;
  };

  test(`${name}: an event is known to the group that handled it, and to no other`, async () => {
    const { inbox } = await start();
    const registry = inbox('registry');
    expect(await registry.has('e1')).toBe(false);
    await registry.add('e1');
    await registry.add('e1');
    expect(await registry.has('e1')).toBe(true);
    expect(await registry.has('e2')).toBe(false);
    expect(await inbox('notification').has('e1')).toBe(false);
  });

  test(`${name}: of many that add one event at once none fails`, async () => {
    const { inbox } = await start();
    const registry = inbox('registry');
    await Promise.all(Array.from({ length: 20 }, () => registry.add('e1')));
    expect(await registry.has('e1')).toBe(true);
  });

  test(`${name}: ids are kept for 31 days and then forgotten`, async () => {
    const { inbox, setNowMs } = await start();
    const registry = inbox('registry');
    setNowMs(0);
    await registry.add('e1');
    setNowMs(31 * dayMs);
    await registry.add('e2');
    expect(await registry.has('e1')).toBe(true);
    setNowMs(31 * dayMs + 2 * 60 * 60 * 1000);
    await registry.add('e3');
    expect(await registry.has('e1')).toBe(false);
    expect(await registry.has('e2')).toBe(true);
  });
}
