import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  buildEvent,
  compactedTopics,
  type EventLog,
  openEmbeddedEventLog,
  type Topic,
  topics,
} from '@credential-renewal/events';
import { topics as facts } from '@credential-renewal/proto/event-topics';
import {
  createLogger,
  createShiftableClock,
  type ShiftableClock,
} from '@credential-renewal/runtime';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { until } from '../system/until.ts';

const minuteMs = 60_000;
const logger = createLogger({ service: 'test', level: 'silent' });
const compacted = facts.flatMap(({ name, cleanup }) =>
  cleanup.policy === 'compact' ? [{ topic: name as Topic, ...cleanup }] : [],
);
const aged = facts.flatMap(({ name, cleanup }) =>
  cleanup.policy === 'delete' ? [{ topic: name as Topic, ...cleanup }] : [],
);

let directory: string;
let clock: ShiftableClock;
let log: EventLog;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'topics-'));
  clock = createShiftableClock();
  log = await openEmbeddedEventLog({ directory, clock, logger });
});
afterEach(async () => {
  await log.close();
  rmSync(directory, { recursive: true });
});

const publish = (topic: Topic, key: string, sequence: number, data: object | null = {}) =>
  log.publish([
    buildEvent({
      source: '/test',
      topic,
      subject: key,
      key,
      sequence,
      data,
      schema: 'Test',
      nowMs: clock.nowMs(),
    }),
  ]);

/** `key sequence` of all that is kept. */
async function kept(topic: string): Promise<string[]> {
  const seen: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const tail = await log.tail({
    topics: [topic],
    from: 'start',
    handle: ({ event }) => void seen.push(`${event.partitionkey} ${Number(event.sequence)}`),
    caughtUp: resolve,
  });
  await promise;
  await tail.stop();
  return seen.sort();
}

/** Lets the time pass, and the log look for what need not be kept any more. */
async function pass(ms: number): Promise<void> {
  await log.close();
  clock.advance(ms);
  log = await openEmbeddedEventLog({ directory, clock, logger });
}

test('the event log has the topics of the contract, and compacts the same ones', () => {
  expect([...topics].sort()).toEqual(facts.map(({ name }) => name).sort());
  expect([...compactedTopics].sort()).toEqual(compacted.map(({ topic }) => topic).sort());
});

test('the keys of each topic spread over as many partitions as the contract says', async () => {
  for (const { name, partitions } of facts) {
    const keys = Array.from({ length: 100 }, (_, index) => `key-${index}`);
    await Promise.all(keys.map((key) => publish(name as Topic, key, 1)));
    const seen = new Set<number>();
    await log.tail({
      topics: [name],
      from: 'start',
      handle: ({ partition }) => void seen.add(partition),
    });
    await until(() => expect(seen.size).toBe(partitions));
  }
});

// In each case something is two minutes older than what must still be kept: when it is gone, the log has looked.

test.each(compacted)(
  '$topic keeps superseded records for as long as the contract says',
  async ({ topic, compactionLagMs }) => {
    await publish(topic, 'older', 1);
    await publish(topic, 'older', 2);
    await pass(2 * minuteMs);
    await publish(topic, 'younger', 1);
    await publish(topic, 'younger', 2);
    await pass(compactionLagMs - minuteMs);
    await until(async () =>
      expect(await kept(topic)).toEqual(['older 2', 'younger 1', 'younger 2']),
    );
    await pass(2 * minuteMs);
    await until(async () => expect(await kept(topic)).toEqual(['older 2', 'younger 2']));
  },
);

test.each(compacted)(
  '$topic keeps tombstones for as long as the contract says',
  async ({ topic, tombstoneRetentionMs }) => {
    await publish(topic, 'older', 1, null);
    await pass(2 * minuteMs);
    await publish(topic, 'younger', 1, null);
    await pass(tombstoneRetentionMs - minuteMs);
    await until(async () => expect(await kept(topic)).toEqual(['younger 1']));
  },
);

test.each(aged)(
  '$topic keeps events for as long as the contract says',
  async ({ topic, retentionMs }) => {
    await publish(topic, 'older', 1);
    await pass(2 * minuteMs);
    await publish(topic, 'younger', 1);
    await pass(retentionMs - minuteMs);
    await until(async () => expect(await kept(topic)).toEqual(['younger 1']));
  },
);
