import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CloudEvent } from './cloud-event.ts';
import type { Outbox } from './outbox.ts';
import { sampleEvent } from './sample-event.ts';

export type OutboxHarness = {
  outbox: Outbox;
  /** Writes the events as a service's store does, together with the change they tell of. */
  append(events: readonly CloudEvent[]): Promise<void>;
  /** The same, but the change fails. */
  appendAndFail(events: readonly CloudEvent[]): Promise<void>;
  setNowMs(nowMs: number): void;
  dispose(): Promise<void>;
};

export function outboxContract(name: string, open: () => Promise<OutboxHarness>): void {
  describe(`${name} keeps the law of the outbox`, () => {
    let harness: OutboxHarness;
    beforeEach(async () => {
      harness = await open();
    });
    afterEach(async () => {
      await harness.dispose();
    });
    const pending = async (limit = 10) =>
      (await harness.outbox.pending(limit)).map(({ event }) => Number(event.sequence));

    test('events wait unchanged, in the order they were written', async () => {
      const events = [1, 2, 3].map((sequence) => sampleEvent('a', sequence));
      await harness.append(events.slice(0, 2));
      await harness.append(events.slice(2));
      expect((await harness.outbox.pending(10)).map(({ event }) => event)).toEqual(events);
      expect(await pending(2)).toEqual([1, 2]);
    });

    test('only what is removed is gone, and removing it again does nothing', async () => {
      await harness.append([1, 2, 3].map((sequence) => sampleEvent('a', sequence)));
      const [, second] = await harness.outbox.pending(10);
      await harness.outbox.remove([second?.position ?? '']);
      await harness.outbox.remove([second?.position ?? '']);
      expect(await pending()).toEqual([1, 3]);
      await harness.append([sampleEvent('a', 4)]);
      expect(await pending()).toEqual([1, 3, 4]);
    });

    test('the events of a change that failed do not exist', async () => {
      await harness.appendAndFail([sampleEvent('a', 1)]);
      expect(await pending()).toEqual([]);
    });

    test('the backlog counts what waits and tells the age of the oldest', async () => {
      const writtenMs = Date.UTC(2026, 0, 1);
      harness.setNowMs(writtenMs + 90_000);
      expect(await harness.outbox.backlog()).toEqual({ count: 0, oldestAgeMs: 0 });
      await harness.append([
        sampleEvent('a', 1, { nowMs: writtenMs }),
        sampleEvent('a', 2, { nowMs: writtenMs + 1000 }),
      ]);
      expect(await harness.outbox.backlog()).toEqual({ count: 2, oldestAgeMs: 90_000 });
    });
  });
}
