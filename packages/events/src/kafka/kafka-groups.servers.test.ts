import { createLogger, systemClock } from '@credential-renewal/runtime';
import { openSqlite } from '@credential-renewal/storage';
import { Kafka, logLevel } from 'kafkajs';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import type { EventLog, LoggedEvent, Subscription } from '../event-log.ts';
import { sampleEvent } from '../sample-event.ts';
import { sqliteInbox, sqliteInboxSchema } from '../sqlite-inbox.ts';
import { partitionOf } from '../topic-partition.ts';
import { createKafkaTestBed, type KafkaTestBed } from './kafka-test-bed.ts';

const brokers = process.env['TEST_KAFKA_BROKERS'] ?? '';
const topic = 'credential.expired';
const keys = Array.from({ length: 40 }, (_, index) => `credential-${index}`);
let lines: Record<string, unknown>[];
let bed: KafkaTestBed;
let log: EventLog;

const logger = createLogger({
  service: 'test',
  level: 'warn',
  destination: { write: (line) => void lines.push(JSON.parse(line)) },
});

beforeEach(async () => {
  lines = [];
  bed = await createKafkaTestBed(brokers, { logger });
  log = await bed.open();
});
afterEach(async () => {
  await log.close();
  await bed.remove();
});

const until = (holds: () => void | Promise<void>) =>
  vi.waitFor(holds, { timeout: 60_000, interval: 10 });

/** Strangers' producers know more than ours do. */
async function stranger() {
  const kafka = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING });
  const producer = kafka.producer({
    ...{ transactionalId: bed.namePrefix, maxInFlightRequests: 1, idempotent: true },
  });
  await producer.connect();
  onTestFinished(() => producer.disconnect());
  return producer;
}

test('while members come and go under load, no key is in two hands and nothing is skipped', {
  timeout: 120_000,
}, async () => {
  const inHand = new Map<string, number>();
  const seen = new Map(keys.map((key) => [key, [] as number[]]));
  const collisions: string[] = [];
  const handle = async ({ event: { partitionkey: key, sequence } }: LoggedEvent) => {
    if (inHand.has(key)) collisions.push(`${key}: ${sequence} while ${inHand.get(key)}`);
    inHand.set(key, Number(sequence));
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 5));
    inHand.delete(key);
    seen.get(key)?.push(Number(sequence));
  };
  // A machine that is busy for some seconds must not end a session here.
  const settings = { sessionTimeoutMs: 60_000, requestTimeoutMs: 10_000 };
  const logs = await Promise.all([1, 2, 3].map(() => bed.open({ settings })));
  const join = (member: number) =>
    (logs[member % logs.length] as EventLog).subscribe({
      group: 'readers',
      topics: [topic],
      handle,
    });

  let published = 0;
  let isOver = false;
  const publishing = (async () => {
    while (!isOver) {
      published++;
      await log.publish(keys.map((key) => sampleEvent(key, published)));
    }
  })();
  const members: Subscription[] = [await join(0)];
  const handled = () => [...seen.values()].reduce((sum, { length }) => sum + length, 0);
  for (let change = 1; change <= 12; change++) {
    const before = handled();
    await until(() => expect(handled()).toBeGreaterThan(before + 100));
    if (members.length < 3 && change % 3 !== 0) members.push(await join(change));
    else await members.splice(change % members.length, 1)[0]?.stop();
    if (members.length === 0) members.push(await join(change));
  }
  isOver = true;
  await publishing;
  await until(() => {
    for (const numbers of seen.values()) expect(new Set(numbers).size).toBe(published);
  });
  await Promise.all(logs.map((one) => one.close()));
  expect(collisions).toEqual([]);
  // Members that leave commit what they finished, so nothing came twice and all came in order.
  const inOrder = Array.from({ length: published }, (_, index) => index + 1);
  for (const numbers of seen.values()) expect(numbers).toEqual(inOrder);
});

test('a handler of longer than a session keeps its partition, and the member its place', {
  timeout: 90_000,
}, async () => {
  const gate = Promise.withResolvers<void>();
  const begun: string[] = [];
  const handle = async ({ event: { partitionkey: key, sequence } }: LoggedEvent) => {
    begun.push(`${key} ${Number(sequence)}`);
    if (key === 'slow') await gate.promise;
  };
  const others = await bed.open();
  await log.subscribe({ group: 'readers', topics: [topic], handle });
  await others.subscribe({ group: 'readers', topics: [topic], handle });
  await log.publish([sampleEvent('slow', 1), sampleEvent('slow', 2)]);
  await until(() => expect(begun).toContain('slow 1'));
  const longerThanSessionMs = bed.settings.sessionTimeoutMs * 1.5;
  const startedMs = performance.now();
  let round = 0;
  await until(async () => {
    round++;
    await log.publish(keys.map((key) => sampleEvent(key, round)));
    expect(performance.now() - startedMs).toBeGreaterThan(longerThanSessionMs);
  });
  const free = keys.filter((key) => partitionOf(key) !== partitionOf('slow'));
  await until(() =>
    expect(begun).toEqual(expect.arrayContaining(free.map((key) => `${key} ${round}`))),
  );
  expect(begun.filter((one) => one.startsWith('slow'))).toEqual(['slow 1']);
  gate.resolve();
  await until(() => expect(begun).toContain('slow 2'));
  expect(begun.filter((one) => one === 'slow 1')).toHaveLength(1);
  await others.close();
});

test('a group whose place is no longer in the log goes on at its start, and that is told', async () => {
  const seen: number[] = [];
  const handle = async ({ event }: LoggedEvent) => void seen.push(Number(event.sequence));
  const first = await log.subscribe({ group: 'readers', topics: [topic], handle });
  await log.publish([sampleEvent('a', 1)]);
  await until(() => expect(seen).toEqual([1]));
  await first.stop();
  await log.publish([2, 3, 4].map((sequence) => sampleEvent('a', sequence)));
  await bed.deleteBefore(topic, partitionOf('a'), 3n);
  await log.subscribe({ group: 'readers', topics: [topic], handle });
  await until(() => expect(seen).toEqual([1, 4]));
  expect(lines.filter(({ level }) => level === 50)).toMatchObject([
    { msg: expect.stringContaining('is not in the log'), offset: '1', first: '3' },
  ]);
});

test('a transaction that a stranger left open, and its markers, stop nobody', async () => {
  const producer = await stranger();
  const done = await producer.transaction();
  const send = (transaction: typeof done, value: string) =>
    transaction.send({
      topic: `${bed.namePrefix}${topic}`,
      messages: [{ partition: partitionOf('a'), value }],
    });
  await send(done, 'one');
  await done.commit();
  const open = await producer.transaction();
  await send(open, 'two');
  await log.publish([sampleEvent('a', 1)]);
  const seen: number[] = [];
  await log.subscribe({
    group: 'readers',
    topics: [topic],
    handle: async ({ event }) => void seen.push(Number(event.sequence)),
  });
  await until(() => expect(seen).toEqual([1]));
  // Behind a marker there is nothing to be fetched, and all the same nothing is left.
  await open.abort();
  await until(async () => expect(await log.lag('readers')).toEqual({ [topic]: 0 }));
  const letters = await bed.read('readers.dlq');
  expect(letters.map(({ value }) => String(value))).toEqual(['one', 'two']);
});

test('an event that stands in the log twice is applied once by whoever keeps an inbox', async () => {
  const database = openSqlite({ path: ':memory:', name: 'inbox', migrations: [sqliteInboxSchema] });
  onTestFinished(() => database.close());
  const inbox = sqliteInbox(database, 'readers', systemClock);
  const [event, next] = [sampleEvent('a', 1), sampleEvent('a', 2)];
  // As a relay does that was not answered.
  for (const events of [[event], [event, next]]) await log.publish(events);
  let delivered = 0;
  const applied: number[] = [];
  await log.subscribe({
    group: 'readers',
    topics: [topic],
    async handle({ event: { id, sequence } }) {
      delivered++;
      if (await inbox.has(id)) return;
      applied.push(Number(sequence));
      await inbox.add(id);
    },
  });
  await until(() => expect(delivered).toBe(3));
  expect(applied).toEqual([1, 2]);
});

test('a tail from the end misses nothing that is published after the call', async () => {
  for (let round = 1; round <= 10; round++) {
    await log.publish([sampleEvent('a', 2 * round - 1)]);
    const seen: number[] = [];
    const tail = await log.tail({
      topics: [topic],
      from: 'end',
      handle: ({ event }) => void seen.push(Number(event.sequence)),
    });
    await log.publish([sampleEvent('a', 2 * round)]);
    await until(() => expect(seen).toEqual([2 * round]));
    await tail.stop();
  }
});

test('a group that nobody declared is refused, since it has no dead letters', async () => {
  const handle = async () => undefined;
  await expect(
    log.subscribe({ group: 'strangers', topics: [topic], handle }),
  ).rejects.toMatchObject({
    code: 'TOPIC_UNKNOWN',
    message: expect.stringContaining('strangers.dlq'),
  });
});
