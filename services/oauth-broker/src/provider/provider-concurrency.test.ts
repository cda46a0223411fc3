import { expect, test } from 'vitest';
import { createProviderConcurrency, type Priority } from './provider-concurrency.ts';

/** Lanes with a clock of their own; `admitted` notes the order of entry. */
function lanes(maximum: number) {
  let nowMs = 0;
  const concurrency = createProviderConcurrency({ maximum, monotonicMs: () => nowMs });
  const admitted: string[] = [];
  const leaves = new Map<string, () => void>();
  const enter = (name: string, priority: Priority = 'background') => {
    const ticket = concurrency.enter('provider', priority);
    void ticket.granted.then((leave) => {
      admitted.push(name);
      leaves.set(name, leave);
    });
    return ticket;
  };
  const leave = async (name: string) => {
    leaves.get(name)?.();
    await Promise.resolve();
  };
  return { concurrency, admitted, enter, leave, advance: (ms: number) => (nowMs += ms) };
}

test('no more than the maximum at a time, and whoever is waited for goes first', async () => {
  const { admitted, enter, leave } = lanes(2);
  for (const name of ['a', 'b', 'c', 'd']) enter(name);
  enter('urgent', 'waited_for');
  await leave('none');
  expect(admitted).toEqual(['a', 'b']);
  await leave('a');
  expect(admitted).toEqual(['a', 'b', 'urgent']);
  await leave('a');
  expect(admitted).toHaveLength(3);
  await leave('b');
  expect(admitted).toEqual(['a', 'b', 'urgent', 'c']);
});

test('a sweep’s attempt that somebody begins to wait for moves to the front', async () => {
  const { admitted, enter, leave } = lanes(1);
  enter('a');
  enter('b');
  enter('c').raise();
  await leave('none');
  await leave('a');
  expect(admitted).toEqual(['a', 'c']);
});

test('a 429 halves the lane and pauses it, and good answers open it again', async () => {
  const { concurrency, admitted, enter, leave, advance } = lanes(4);
  enter('a');
  await leave('none');
  concurrency.throttled('provider', 30_000);
  await leave('a');
  for (const name of ['b', 'c', 'd', 'e']) enter(name);
  await leave('none');
  expect(admitted).toEqual(['a']);
  advance(30_000);
  enter('f');
  await leave('none');
  expect(admitted).toEqual(['a', 'b', 'c']);
  concurrency.answered('provider');
  concurrency.answered('provider');
  await leave('b');
  expect(admitted).toEqual(['a', 'b', 'c', 'd', 'e']);
  concurrency.release();
});

test('another provider is not held up', async () => {
  const { concurrency } = lanes(1);
  concurrency.throttled('slow', 60_000);
  concurrency.enter('slow', 'background');
  await concurrency.enter('quick', 'background').granted;
  expect(concurrency.waiting()).toBe(1);
  concurrency.release();
  expect(concurrency.waiting()).toBe(0);
});
