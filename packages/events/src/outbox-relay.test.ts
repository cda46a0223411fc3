import { createLogger } from '@credential-renewal/runtime';
import { openSqlite, type SqliteDatabase } from '@credential-renewal/storage';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { CloudEvent } from './cloud-event.ts';
import type { EventLog } from './event-log.ts';
import type { Outbox } from './outbox.ts';
import { createOutboxRelay } from './outbox-relay.ts';
import { sampleEvent } from './sample-event.ts';
import { appendToOutbox, sqliteOutbox, sqliteOutboxSchema } from './sqlite-outbox.ts';

const nowMs = Date.UTC(2026, 0, 1);
const clock = { nowMs: () => nowMs };
const logger = createLogger({ service: 'test', level: 'silent' });
let database: SqliteDatabase;
let outbox: Outbox;
let published: number[];
let publish: EventLog['publish'];

beforeEach(() => {
  database = openSqlite({ path: ':memory:', name: 'test', migrations: [sqliteOutboxSchema] });
  outbox = sqliteOutbox(database, clock);
  published = [];
  publish = async () => undefined;
});
afterEach(() => database.close());

const append = (...sequences: number[]) =>
  database.write((sql) =>
    appendToOutbox(
      sql,
      sequences.map((sequence) => sampleEvent('a', sequence)),
    ),
  );

function startRelay(options: { retryMs?: number; drainTimeoutMs?: number } = {}) {
  const retryMs = options.retryMs ?? 1;
  const eventLog = {
    async publish(events: readonly CloudEvent[]) {
      await publish(events);
      published.push(...events.map((event) => Number(event.sequence)));
    },
  } as EventLog;
  return createOutboxRelay({
    outbox,
    eventLog,
    logger,
    clock,
    random: () => 0,
    retry: { baseMs: retryMs, maxMs: retryMs },
    ...options,
  });
}

const isEmpty = async () => expect((await outbox.backlog()).count).toBe(0);

test('what waited at the start and what a wake-up tells of is published in order and forgotten', async () => {
  await append(...range(1, 250));
  const relay = startRelay();
  await vi.waitFor(isEmpty, { interval: 1 });
  await append(251, 252);
  relay.wake();
  await vi.waitFor(isEmpty, { interval: 1 });
  expect(published).toEqual(range(1, 252));
  await relay.stop();
});

test('one publish is under way at a time, however often the relay is woken', async () => {
  let running = 0;
  let most = 0;
  publish = async () => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setImmediate(resolve));
    running--;
  };
  const relay = startRelay();
  for (const sequence of range(1, 30)) {
    await append(sequence);
    relay.wake();
  }
  await vi.waitFor(isEmpty, { interval: 1 });
  expect(most).toBe(1);
  expect(published).toEqual(range(1, 30));
  await relay.stop();
});

test('while the log fails events are kept, the problem is told, and then they go out', async () => {
  let failures = 0;
  publish = async () => {
    if (++failures <= 3) throw new Error('no broker');
  };
  await append(1, 2);
  const relay = startRelay();
  await vi.waitFor(
    () =>
      expect(relay.problem()).toBe(
        'no event could be published since 2026-01-01T00:00:00.000Z: no broker',
      ),
    { interval: 0 },
  );
  await vi.waitFor(isEmpty, { interval: 1 });
  expect(published).toEqual([1, 2]);
  await vi.waitFor(() => expect(relay.problem()).toBeUndefined(), { interval: 1 });
  await relay.stop();
});

test('wake-ups do not hurry a relay that waits for the log to recover', async () => {
  let attempts = 0;
  publish = async () => {
    attempts++;
    throw new Error('no broker');
  };
  await append(1);
  const relay = startRelay({ retryMs: 3_600_000 });
  await vi.waitFor(() => expect(relay.problem()).toBeDefined(), { interval: 1 });
  for (let round = 0; round < 5; round++) {
    relay.wake();
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(attempts).toBe(1);
  await relay.stop();
});

test('an event that could not be removed is published again, not lost', async () => {
  await append(1);
  const remove = outbox.remove;
  let failures = 0;
  outbox.remove = async (positions) => {
    if (++failures === 1) throw new Error('disk full');
    await remove(positions);
  };
  const relay = startRelay();
  await vi.waitFor(isEmpty, { interval: 1 });
  expect(published).toEqual([1, 1]);
  await relay.stop();
});

test('stop publishes what is left, without a wake-up', async () => {
  const relay = startRelay();
  await append(1);
  await relay.stop();
  expect(published).toEqual([1]);
  await isEmpty();
});

test('stop gives up on a log that does not answer, and the events stay', async () => {
  publish = () => new Promise(() => undefined);
  await append(1);
  const relay = startRelay({ drainTimeoutMs: 5 });
  await relay.stop();
  expect((await outbox.backlog()).count).toBe(1);
});

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
