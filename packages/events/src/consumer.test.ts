import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger, currentTrace, DomainError, systemClock } from '@credential-renewal/runtime';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createConsumer } from './consumer.ts';
import { openEmbeddedEventLog } from './embedded-event-log.ts';
import { EventUnreadableError } from './errors.ts';
import type { EventLog, LoggedEvent } from './event-log.ts';
import { sampleEvent } from './sample-event.ts';

let directory: string;
let log: EventLog;
let lines: Record<string, unknown>[];
let letters: LoggedEvent[];
const logger = createLogger({
  service: 'test',
  level: 'info',
  destination: { write: (line) => void lines.push(JSON.parse(line)) },
});

beforeEach(async () => {
  lines = [];
  letters = [];
  directory = mkdtempSync(join(tmpdir(), 'consumer-'));
  log = await openEmbeddedEventLog({ directory, clock: systemClock, logger });
  await log.tail({
    topics: ['readers.dlq'],
    from: 'start',
    handle: (letter) => {
      letters.push(letter);
    },
  });
});
afterEach(async () => {
  await log.close();
  rmSync(directory, { recursive: true });
});

const metrics = new Registry();
const consume = (handle: (logged: LoggedEvent) => Promise<void>, baseMs = 1) =>
  createConsumer({
    metrics,
    eventLog: log,
    group: 'readers',
    topics: ['credential.expired'],
    logger,
    handle,
    random: () => 0,
    retry: { baseMs, maxMs: baseMs },
  });

test('a failure that will pass is retried for as long as it takes', async () => {
  let attempts = 0;
  await consume(async () => {
    attempts++;
    if (attempts <= 12) throw new DomainError('unavailable', 'STORE_DOWN', 'the store is down');
  });
  await log.publish([sampleEvent('a', 1)]);
  await vi.waitFor(() => expect(attempts).toBe(13), { interval: 1 });
  expect(letters).toEqual([]);
});

test('an unreadable event is set aside at once, and the next one is handled', async () => {
  const seen: number[] = [];
  await consume(async ({ event }) => {
    seen.push(Number(event.sequence));
    if (seen.length === 1) throw new EventUnreadableError('version 9 is not known');
  });
  await log.publish([sampleEvent('a', 1), sampleEvent('a', 2)]);
  await vi.waitFor(() => expect(seen).toEqual([1, 2]), { interval: 1 });
  await vi.waitFor(() => expect(letters).toHaveLength(1), { interval: 1 });
  expect(letters[0]?.deadLetter).toMatchObject({
    group: 'readers',
    topic: 'credential.expired',
    error: 'EventUnreadableError (EVENT_UNREADABLE): version 9 is not known',
  });
});

test('another failure is set aside after five attempts, with an error that names its place', async () => {
  const seen: number[] = [];
  await consume(async ({ event }) => {
    seen.push(Number(event.sequence));
    if (event.sequence.endsWith('1')) throw new TypeError('a bug');
  });
  await log.publish([sampleEvent('a', 1), sampleEvent('a', 2)]);
  await vi.waitFor(() => expect(seen).toEqual([1, 1, 1, 1, 1, 2]), { interval: 1 });
  await vi.waitFor(() => expect(letters).toHaveLength(1), { interval: 1 });
  const [letter] = letters as [LoggedEvent];
  expect(lines.filter((line) => line['level'] === 50)).toMatchObject([
    {
      topic: 'credential.expired',
      partition: letter.deadLetter?.partition,
      offset: String(letter.deadLetter?.offset),
      attempts: 5,
    },
  ]);
});

test('the handler runs in the trace of the event', async () => {
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  const seen: (string | undefined)[] = [];
  await consume(async () => {
    seen.push(currentTrace()?.traceId);
  });
  const event = { ...sampleEvent('a', 1), traceparent: `00-${traceId}-b7ad6b7169203331-01` };
  await log.publish([event]);
  await vi.waitFor(() => expect(seen).toEqual([traceId]), { interval: 1 });
});

test('stop does not wait for a retry, and the event comes again later', async () => {
  let attempts = 0;
  const consumer = await consume(async () => {
    attempts++;
    throw new DomainError('unavailable', 'STORE_DOWN', 'the store is down');
  }, 3_600_000);
  await log.publish([sampleEvent('a', 1)]);
  await vi.waitFor(() => expect(attempts).toBe(1), { interval: 1 });
  await consumer.stop();
  const seen: number[] = [];
  await consume(async ({ event }) => {
    seen.push(Number(event.sequence));
  });
  await vi.waitFor(() => expect(seen).toEqual([1]), { interval: 1 });
});

test('a gap in the sequence of a key is counted, and the event handled all the same', async () => {
  const seen: number[] = [];
  await consume(async ({ event }) => {
    seen.push(Number(event.sequence));
  });
  await log.publish([sampleEvent('a', 1), sampleEvent('a', 3)]);
  await vi.waitFor(() => expect(seen).toEqual([1, 3]), { interval: 1 });
  expect(await metrics.metrics()).toContain(
    'event_sequence_gaps_total{group="readers",topic="credential.expired"} 1',
  );
});

test('a partition that comes back from another member is no gap', async () => {
  const seen: number[] = [];
  const handle = async ({ event }: LoggedEvent) => {
    seen.push(Number(event.sequence));
  };
  const gaps = async () =>
    (await metrics.getSingleMetricAsString('event_sequence_gaps_total')).match(/} (\d+)/)?.[1];
  const before = await gaps();
  const keys = Array.from({ length: 20 }, (_, index) => `key-${index}`);
  const publish = async (sequence: number) => {
    await log.publish(keys.map((key) => sampleEvent(key, sequence)));
    await vi.waitFor(() => expect(seen).toHaveLength(sequence * keys.length), { interval: 1 });
  };
  await consume(handle);
  await publish(1);
  const second = await consume(handle);
  await publish(2);
  await second.stop();
  await publish(3);
  expect(await gaps()).toBe(before);
});
