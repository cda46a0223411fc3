import { createLogger, systemClock } from '@credential-renewal/runtime';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createConsumer } from '../consumer.ts';
import type { WaitingLetter } from '../dead-letter-box.ts';
import { EventUnreadableError, MessageUnreadableError } from '../errors.ts';
import type { EventLog, LoggedEvent } from '../event-log.ts';
import { replayDeadLetters } from '../replay-dead-letters.ts';
import { sampleEvent } from '../sample-event.ts';
import { partitionOf } from '../topic-partition.ts';
import { openKafkaDeadLetterBox } from './kafka-dead-letter-box.ts';
import { writeMessage } from './kafka-message.ts';
import { createKafkaTestBed, type KafkaTestBed, testGroups } from './kafka-test-bed.ts';
import type { OutgoingMessage } from './message-parts.ts';

const brokers = process.env['TEST_KAFKA_BROKERS'] ?? '';
let lines: Record<string, unknown>[];
const logger = createLogger({
  service: 'test',
  level: 'info',
  destination: { write: (line) => void lines.push(JSON.parse(line)) },
});

let bed: KafkaTestBed;
let log: EventLog;
let metrics: Registry;

beforeEach(async () => {
  lines = [];
  metrics = new Registry();
  bed = await createKafkaTestBed(brokers, { logger });
  log = await bed.open({ metrics });
});
afterEach(async () => {
  await log.close();
  await bed.remove();
});

const until = (holds: () => void) => vi.waitFor(holds, { timeout: 30_000, interval: 10 });

const openBox = (group = 'readers') =>
  openKafkaDeadLetterBox({
    ...{ settings: bed.settings, group, clock: systemClock, logger },
    ...{ groups: testGroups, namePrefix: bed.namePrefix },
  });

async function waitingLetters(): Promise<WaitingLetter[]> {
  const box = await openBox();
  const letters: WaitingLetter[] = [];
  for await (const letter of box.waiting()) letters.push(letter);
  await box.close();
  return letters;
}

test('a foreign message is set aside as it was, told with its offset, and the partition goes on', async () => {
  const foreign = {
    key: Buffer.from([0xff, 1]),
    value: Buffer.from('<order/>'),
    headers: { app: ['one', 'two'], 'content-type': 'text/xml' },
  };
  await log.publish([sampleEvent('a', 1)]);
  await bed.put('credential.expired', foreign, partitionOf('a'));
  await log.publish([sampleEvent('a', 2)]);
  const seen: number[] = [];
  await log.subscribe({
    group: 'readers',
    topics: ['credential.expired'],
    handle: async ({ event }) => {
      seen.push(Number(event.sequence));
    },
  });
  await until(() => expect(seen).toEqual([1, 2]));
  const [letter, ...others] = await bed.read('readers.dlq');
  expect(others).toEqual([]);
  expect(letter).toMatchObject({ key: foreign.key, value: foreign.value });
  const text = (name: string) => String(letter?.headers?.[name]);
  expect(letter?.headers?.['app']).toEqual([Buffer.from('one'), Buffer.from('two')]);
  expect(text('content-type')).toBe('text/xml');
  expect(text('dlq_group')).toBe('readers');
  expect(text('dlq_topic')).toBe('credential.expired');
  expect(text('dlq_partition')).toBe(String(partitionOf('a')));
  expect(text('dlq_offset')).toBe('1');
  expect(text('dlq_error')).toContain('the header ce_specversion is missing');
  expect(lines.filter(({ level }) => level === 50)).toMatchObject([
    { group: 'readers', topic: 'credential.expired', partition: partitionOf('a'), offset: '1' },
  ]);
  expect(await metrics.metrics()).toContain('event_log_dead_letters_total{group="readers"} 1');
});

test('no kind of broken message stops a partition, and none is lost', async () => {
  const whole = writeMessage(sampleEvent('a', 1));
  const broken: Omit<OutgoingMessage, 'partition'>[] = [
    { key: null, value: null, headers: {} },
    { ...whole, value: '{' },
    { ...whole, key: 'b' },
    { ...whole, headers: { ...whole.headers, ce_specversion: '2.0' } },
    { ...whole, headers: { ...whole.headers, ce_type: 'credential.state' } },
    { ...whole, headers: { constructor: 'x', toString: 'y' } as unknown as typeof whole.headers },
    { key: 'a', value: 'x'.repeat(900_000), headers: {} },
  ];
  const partition = partitionOf('a');
  for (const message of broken) await bed.put('credential.expired', message, partition);
  await log.publish([sampleEvent('a', 2)]);
  const seen: number[] = [];
  await log.subscribe({
    group: 'readers',
    topics: ['credential.expired'],
    handle: async ({ event }) => {
      seen.push(Number(event.sequence));
    },
  });
  await until(() => expect(seen).toEqual([2]));
  const letters = await waitingLetters();
  expect(letters.map(({ deadLetter }) => Number(deadLetter?.offset)).sort()).toEqual([
    0, 1, 2, 3, 4, 5, 6,
  ]);
});

test('a tail passes over a message that is no event and says where it stands', async () => {
  await bed.put('credential.expired', { key: 'a', value: 'x', headers: {} }, 5);
  await log.publish([sampleEvent('a', 1)]);
  const seen: string[] = [];
  let caughtUp = 0;
  await log.tail({
    topics: ['credential.expired'],
    from: 'start',
    handle: ({ event }) => void seen.push(event.subject),
    caughtUp: () => caughtUp++,
  });
  await until(() => expect({ seen, caughtUp }).toEqual({ seen: ['a'], caughtUp: 1 }));
  expect(lines.filter(({ level }) => level === 50)).toMatchObject([
    { err: { message: expect.stringContaining('offset 0 of credential.expired, partition 5') } },
  ]);
});

test('an event of an unknown version becomes a dead letter at once, with its origin', async () => {
  const event = { ...sampleEvent('a', 1), dataschema: 'credential-renewal:events.v2.Expired' };
  await log.publish([event]);
  await createConsumer({
    ...{ eventLog: log, group: 'readers', topics: ['credential.expired'], logger },
    async handle({ event: { dataschema } }) {
      throw new EventUnreadableError(`the schema ${dataschema} is unknown`);
    },
  });
  await vi.waitFor(async () => expect(await waitingLetters()).toHaveLength(1), { timeout: 30_000 });
  const [letter] = await waitingLetters();
  expect(letter).toMatchObject({
    content: event,
    deadLetter: { topic: 'credential.expired', error: expect.stringContaining('events.v2') },
  });
});

test('what is replayed reaches the handler again, once, and no other group', async () => {
  const group = 'readers';
  let isMended = false;
  const handled: LoggedEvent[] = [];
  const others: LoggedEvent[] = [];
  const consume = (name: string, into: LoggedEvent[]) =>
    createConsumer({
      ...{ eventLog: log, group: name, topics: ['credential.expired'], logger },
      async handle(logged) {
        if (name === group && !isMended) throw new EventUnreadableError('not yet');
        into.push(logged);
      },
    });
  await consume(group, handled);
  await consume('first', others);
  const events = [sampleEvent('a', 1), sampleEvent('b', 1), sampleEvent('c', 1)];
  await log.publish(events);
  await vi.waitFor(async () => expect(await waitingLetters()).toHaveLength(3), { timeout: 30_000 });
  isMended = true;

  const told: string[] = [];
  const replay = async (options: { list?: boolean; limit?: number }) => {
    const box = await openBox();
    const { list = false, limit = Infinity } = options;
    await replayDeadLetters({ box, group, list, limit, tell: (line) => told.push(line) });
    await box.close();
  };
  await replay({ list: true });
  expect(told).toHaveLength(4);
  expect(told.at(-1)).toBe('3 dead letters of readers wait, 0 of them cannot be read');
  expect(handled).toEqual([]);

  await replay({ limit: 2 });
  await until(() => expect(handled).toHaveLength(2));
  await replay({});
  await until(() => expect(handled).toHaveLength(3));
  expect(handled.map(({ topic }) => topic)).toEqual(Array(3).fill('readers.replay'));
  expect(new Set(handled.map(({ event }) => event.id))).toEqual(
    new Set(events.map(({ id }) => id)),
  );
  await replay({});
  expect(told.at(-1)).toBe(
    '0 dead letters of readers are in readers.replay, 0 that cannot be read wait on',
  );
  expect(others).toHaveLength(3);
  expect(await bed.read('credential.expired')).toHaveLength(3);
});

test('a letter that cannot be read stays in line, unchanged, until a release can', async () => {
  await bed.put('credential.expired', { key: 'a', value: 'x', headers: { app: '1' } }, 2);
  await log.subscribe({
    group: 'readers',
    topics: ['credential.expired'],
    handle: async () => undefined,
  });
  await vi.waitFor(async () => expect(await waitingLetters()).toHaveLength(1), { timeout: 30_000 });
  const box = await openBox();
  const told: string[] = [];
  const options = { box, group: 'readers', list: false, limit: Infinity };
  await replayDeadLetters({ ...options, tell: (line) => told.push(line) });
  await box.close();
  expect(told).toHaveLength(2);
  expect(told[0]).toContain('no event, from credential.expired, partition 2, offset 0: ');
  const [letter, ...rest] = await waitingLetters();
  expect(rest).toEqual([]);
  expect(letter?.content).toBeInstanceOf(MessageUnreadableError);
  expect(letter?.deadLetter).toMatchObject({
    topic: 'credential.expired',
    partition: 2,
    offset: 0n,
  });
  const raw = await bed.read('readers.dlq');
  expect(raw.map(({ value }) => String(value))).toEqual(['x', 'x']);
  expect(await bed.read('readers.replay')).toEqual([]);
});
