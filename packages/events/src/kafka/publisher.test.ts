import { expect, test } from 'vitest';
import { sampleEvent } from '../sample-event.ts';
import { writeMessage } from './kafka-message.ts';
import { createPublisher, type OutgoingRecord } from './publisher.ts';

const topic = 'credential.expired';
const record = (key: string, sequence = 1, data: object = {}): OutgoingRecord => ({
  topic,
  message: writeMessage(sampleEvent(key, sequence, { data })),
});
const keysOf = (records: readonly OutgoingRecord[]) => records.map(({ message }) => message.key);

/** A publisher whose batches end when the test says so: with nothing, or with the keys that fail. */
function createHeld() {
  const batches: { keys: unknown[]; end: (failing?: string[]) => void }[] = [];
  let failed = 0;
  const publisher = createPublisher({
    onFailed: (events) => {
      failed += events;
    },
    send: (records) =>
      new Promise((resolve) => {
        batches.push({
          keys: keysOf(records),
          end: (failing = []) =>
            resolve(
              records.map(({ message }) =>
                failing.includes(String(message.key)) ? new Error('no answer') : undefined,
              ),
            ),
        });
      }),
  });
  return { publisher, batches, failed: () => failed };
}

const settled = async (promise: Promise<unknown>) => {
  const pending = Symbol('pending');
  await new Promise((resolve) => setImmediate(resolve));
  return (await Promise.race([promise.catch((error) => error), pending])) === pending;
};

test('one batch is under way at a time; what comes meanwhile goes together, in the order of the calls', async () => {
  const { publisher, batches } = createHeld();
  const first = publisher.publish([record('a')]);
  const others = [['b', 'c'], ['d']].map((keys) =>
    publisher.publish(keys.map((key) => record(key))),
  );
  expect(batches.map(({ keys }) => keys)).toEqual([['a']]);
  expect(await settled(first)).toBe(true);
  batches[0]?.end();
  await first;
  expect(batches.map(({ keys }) => keys)).toEqual([['a'], ['b', 'c', 'd']]);
  batches[1]?.end();
  await Promise.all(others);
});

test('a call made as the last batch ends is sent', async () => {
  const { publisher, batches } = createHeld();
  const first = publisher.publish([record('a')]);
  const second = first.then(() => publisher.publish([record('b')]));
  batches[0]?.end();
  await first;
  await new Promise((resolve) => setImmediate(resolve));
  batches[1]?.end();
  await second;
});

test('each call of a batch has its own outcome, and those behind a failure fail with it', async () => {
  const { publisher, batches, failed } = createHeld();
  const calls = [publisher.publish([record('first')])];
  for (const key of ['a', 'b']) calls.push(publisher.publish([record(key)]));
  batches[0]?.end();
  await calls[0];
  // While the batch of a and b is under way.
  const behind = publisher.publish([record('c'), record('d')]);
  batches[1]?.end(['b']);
  await expect(calls[1]).resolves.toBeUndefined();
  const outcome = { code: 'EVENT_LOG_UNAVAILABLE', kind: 'unavailable' };
  await expect(calls[2]).rejects.toMatchObject(outcome);
  await expect(behind).rejects.toMatchObject(outcome);
  expect(batches).toHaveLength(2);
  expect(failed()).toBe(3);
  const again = publisher.publish([record('b'), record('c')]);
  expect(batches[2]?.keys).toEqual(['b', 'c']);
  batches[2]?.end();
  await again;
});

test('a call larger than a batch goes in several, and is over with the last', async () => {
  const { publisher, batches } = createHeld();
  const call = publisher.publish(Array.from({ length: 1200 }, (_, index) => record(`${index}`)));
  for (const [index, size] of [500, 500, 200].entries()) {
    expect(batches[index]?.keys).toHaveLength(size);
    expect(await settled(call)).toBe(true);
    batches[index]?.end();
    await new Promise((resolve) => setImmediate(resolve));
  }
  await call;
});

test('a batch stays small enough for a broker, unless one event alone is larger', async () => {
  const { publisher, batches } = createHeld();
  const large = { text: 'x'.repeat(200_000) };
  const call = publisher.publish(['a', 'b', 'c'].map((key) => record(key, 1, large)));
  expect(batches[0]?.keys).toEqual(['a', 'b']);
  batches[0]?.end();
  await new Promise((resolve) => setImmediate(resolve));
  batches[1]?.end();
  await call;
  const huge = publisher.publish([record('d', 1, { text: 'x'.repeat(600_000) })]);
  expect(batches[2]?.keys).toEqual(['d']);
  batches[2]?.end();
  await huge;
});

test('to close is to finish what is under way and to refuse what waits', async () => {
  const { publisher, batches } = createHeld();
  const first = publisher.publish([record('a')]);
  const waiting = publisher.publish([record('b')]);
  const closing = publisher.close();
  await expect(waiting).rejects.toMatchObject({ kind: 'unavailable' });
  expect(await settled(closing)).toBe(true);
  batches[0]?.end();
  await Promise.all([first, closing]);
  await expect(publisher.publish([record('c')])).rejects.toMatchObject({ kind: 'unavailable' });
  expect(batches).toHaveLength(1);
});
