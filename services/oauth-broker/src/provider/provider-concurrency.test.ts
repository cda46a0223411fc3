import { expect, test } from 'vitest';
import { createProviderConcurrency, type Priority } from './provider-concurrency.ts';

const longMs = 60_000;

/** Lanes with a clock of their own; `called` and `admitted` note the order in which that happened. */
function lanes(maximum: number) {
  let nowMs = 0;
  const concurrency = createProviderConcurrency({ maximum, monotonicMs: () => nowMs });
  const called: string[] = [];
  const admitted: string[] = [];
  const turnedAway: string[] = [];
  const leaves = new Map<string, () => void>();
  /** Gets ready at once, unless it waits for something. */
  const enter = (
    name: string,
    priority: Priority = 'background',
    { ready = Promise.resolve(), patienceMs = longMs } = {},
  ) => {
    const ticket = concurrency.enter('provider', priority);
    void ticket.called.then(async (turn) => {
      called.push(name);
      await ready;
      const inTime = turn.place(patienceMs);
      leaves.set(name, turn.leave);
      (await inTime) ? admitted.push(name) : turnedAway.push(name);
    });
    return ticket;
  };
  const settle = () => new Promise((done) => setImmediate(done));
  const leave = async (name: string) => {
    leaves.get(name)?.();
    await settle();
  };
  const advance = (ms: number) => (nowMs += ms);
  return { concurrency, called, admitted, turnedAway, enter, leave, settle, advance };
}

test('no more than the maximum at a time, and whoever is waited for goes first', async () => {
  const { admitted, enter, leave, settle } = lanes(2);
  for (const name of ['a', 'b', 'c', 'd']) enter(name);
  await settle();
  enter('urgent', 'waited_for');
  await settle();
  expect(admitted).toEqual(['a', 'b']);
  await leave('a');
  expect(admitted).toEqual(['a', 'b', 'c']);
  await leave('a');
  expect(admitted).toHaveLength(3);
  await leave('b');
  expect(admitted).toEqual(['a', 'b', 'c', 'urgent']);
});

test('as many are called ahead as there are places, the others wait for their turn', async () => {
  const { called, enter, leave, settle } = lanes(2);
  for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) enter(name);
  await settle();
  expect(called).toEqual(['a', 'b', 'c', 'd']);
  await leave('a');
  expect(called).toEqual(['a', 'b', 'c', 'd', 'e']);
});

test('a sweep’s are called ahead in groups, and whoever is waited for at once', async () => {
  const { called, enter, leave, settle } = lanes(6);
  for (let index = 0; index < 20; index++) enter(`${index}`);
  await settle();
  expect(called).toHaveLength(12);
  await leave('0');
  expect(called.slice(12)).toEqual(['12', '13', '14']);
  await leave('1');
  expect(called).toHaveLength(15);
  enter('urgent', 'waited_for');
  await settle();
  expect(called.slice(15)).toEqual(['urgent']);
  await leave('2');
  await leave('3');
  expect(called).toHaveLength(16);
  await leave('4');
  expect(called.slice(16)).toEqual(['15', '16', '17']);
});

test('the last of a sweep are called though they make no group', async () => {
  const { admitted, enter, leave, settle } = lanes(6);
  for (let index = 0; index < 15; index++) enter(`${index}`);
  await settle();
  for (let index = 0; index < 15; index++) await leave(`${index}`);
  expect(admitted).toHaveLength(15);
});

test('places go in the order of the tickets, whoever was ready first', async () => {
  const { admitted, enter, leave, settle } = lanes(2);
  const slow = Promise.withResolvers<void>();
  enter('a');
  enter('b');
  await settle();
  enter('slow', 'background', { ready: slow.promise });
  enter('quick');
  await settle();
  slow.resolve();
  await settle();
  await leave('a');
  expect(admitted).toEqual(['a', 'b', 'slow']);
  await leave('b');
  expect(admitted).toEqual(['a', 'b', 'slow', 'quick']);
});

test('whoever is waited for overtakes those who are ready, but not for long: they keep other replicas waiting', async () => {
  const { admitted, enter, leave, settle, advance } = lanes(2);
  for (const name of ['a', 'b', 'ready', 'ready too']) enter(name);
  await settle();
  enter('urgent', 'waited_for');
  enter('urgent too', 'waited_for');
  await leave('a');
  await leave('ready');
  expect(admitted).toEqual(['a', 'b', 'ready', 'urgent']);
  advance(501);
  await leave('urgent');
  expect(admitted).toEqual(['a', 'b', 'ready', 'urgent', 'ready too']);
});

test('of those who are waited for the first to be ready goes first: no late ticket is passed by for ever', async () => {
  const { admitted, enter, leave, settle, advance } = lanes(2);
  for (const name of ['a', 'b']) enter(name);
  const early = Promise.withResolvers<void>();
  enter('early ticket', 'waited_for', { ready: early.promise });
  enter('late ticket', 'waited_for');
  await settle();
  advance(1);
  early.resolve();
  await settle();
  await leave('a');
  expect(admitted).toEqual(['a', 'b', 'late ticket']);
  await leave('b');
  expect(admitted).toEqual(['a', 'b', 'late ticket', 'early ticket']);
});

test('whoever is not ready leaves the place to the next', async () => {
  const { admitted, enter } = lanes(1);
  enter('never ready', 'background', { ready: new Promise(() => undefined) });
  enter('ready');
  await expect.poll(() => admitted).toEqual(['ready']);
});

test('whoever finds no place in time is turned away, and the next is called', async () => {
  const { called, turnedAway, enter } = lanes(1);
  enter('a');
  enter('hurried', 'background', { patienceMs: 1 });
  enter('c');
  await expect.poll(() => turnedAway).toEqual(['hurried']);
  await expect.poll(() => called).toEqual(['a', 'hurried', 'c']);
});

test('a sweep’s attempt that somebody begins to wait for moves to the front', async () => {
  const { called, enter, leave, settle } = lanes(1);
  for (const name of ['a', 'b', 'c']) enter(name);
  enter('d').raise();
  await settle();
  await leave('a');
  expect(called).toEqual(['a', 'b', 'd']);
});

test('a 429 halves the lane and pauses it, and good answers open it again', async () => {
  const { concurrency, admitted, called, enter, leave, settle, advance } = lanes(4);
  enter('a');
  await settle();
  concurrency.throttled('provider', 30_000);
  await leave('a');
  for (const name of ['b', 'c', 'd', 'e']) enter(name);
  await settle();
  // Nobody gets ready for a provider that is left alone.
  expect(called).toEqual(['a']);
  advance(30_000);
  enter('f');
  await settle();
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
  const turn = await concurrency.enter('quick', 'background').called;
  expect(await turn.place(longMs)).toBe(true);
  expect(concurrency.waiting()).toBe(1);
  expect(concurrency.busy()).toEqual(['slow']);
  expect(concurrency.unreadyAt('slow')).toBe(1);
  concurrency.release();
});
