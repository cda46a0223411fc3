import { Recipient_Why } from '@credential-renewal/proto/source_registry/v1/source_registry';
import { expect, test } from 'vitest';
import type { Mail } from '../sending/mail.ts';
import { openNotificationStores } from '../store/open-notification-stores.ts';
import type { MakeEmptyStores } from '../testing/empty-stores.ts';
import { createFakeHandover, unreachable } from '../testing/fake-handover.ts';
import { describe, makeEvent, makeState, sourceUse } from '../testing/fixtures.ts';
import { startLoop, windowMs } from '../testing/start-loop.ts';

const expiries = 5_000;
const people = 1_000;
const perSecond = 10;
const minuteMs = 60_000;
const atATime = 50;

/** What is asked here is when and how often, not what survives. */
const inMemory: MakeEmptyStores = async (deps) => ({
  open: () => openNotificationStores({ engine: 'sqlite', path: ':memory:' }, deps),
  dispose: async () => undefined,
});

/** Some have one source, some twenty: the creator of the source decides who is told. */
function creatorOf(credentialId: string) {
  const number = Number(credentialId.slice('credential-'.length));
  const person = number < people ? number : number % (people / 5);
  return {
    ...{ userId: `user-${person}`, name: `User ${person}`, email: `user-${person}@example.com` },
    why: Recipient_Why.CREATOR,
  };
}

const death = (number: number) =>
  makeEvent(makeState({ credentialId: `credential-${number}`, episodeId: `episode-${number}` }));

/** Sends as the clock goes, and answers with when each mail went out. */
async function watch(loop: Awaited<ReturnType<typeof startLoop>>, untilMs: number) {
  while (loop.clock.nowMs() < untilMs) {
    const waitMs = (await loop.send()) ?? untilMs;
    loop.clock.advance(Math.max(1, Math.min(waitMs, untilMs - loop.clock.nowMs())));
  }
}

test('5,000 expiries within a minute: the rate holds, digests go first, nobody gets more than two and a digest, and memory stays flat', async () => {
  const sentAtMs: { mail: Mail; atMs: number }[] = [];
  const fake = createFakeHandover({
    meet: (mail) => void sentAtMs.push({ mail, atMs: loop.clock.nowMs() }),
  });
  const loop = await startLoop(
    (credentialId) => describe(sourceUse(`of-${credentialId}`, [creatorOf(credentialId)])),
    { makeEmpty: inMemory, handover: fake.handover, perSecond, concurrency: 5 },
  );
  const startedMs = loop.clock.nowMs();
  for (let from = 0; from < expiries; from += atATime) {
    const some = Array.from({ length: atATime }, (_, index) => loop.handle(death(from + index)));
    await Promise.all(some);
    loop.clock.advance((minuteMs / expiries - 1) * atATime);
  }
  expect(loop.clock.nowMs() - startedMs).toBeLessThanOrEqual(minuteMs + 1);

  const before = heapUsed();
  await watch(loop, startedMs + 2 * windowMs);
  const grown = heapUsed() - before;

  // Every second has at most its rate, and one second's worth that was saved.
  const perSecondOf = new Map<number, number>();
  for (const { atMs } of sentAtMs) {
    const second = Math.floor(atMs / 1000);
    perSecondOf.set(second, (perSecondOf.get(second) ?? 0) + 1);
  }
  expect(Math.max(...perSecondOf.values())).toBeLessThanOrEqual(2 * perSecond);
  const [first, last] = [sentAtMs[0], sentAtMs.at(-1)];
  const tookSeconds = ((last?.atMs ?? 0) - (first?.atMs ?? 0)) / 1000;
  expect(sentAtMs.length).toBeLessThanOrEqual(perSecond * (tookSeconds + 2));

  // Everything was told once.
  const told = sentAtMs.flatMap(({ mail }) => mail.episodeIds);
  expect(told).toHaveLength(expiries);
  expect(new Set(told).size).toBe(expiries);

  // At once at most two, and then one digest.
  const byReader = Map.groupBy(sentAtMs, ({ mail }) => mail.to.address);
  for (const [reader, mails] of byReader) {
    const kinds = mails.map(({ mail }) => mail.kind);
    expect(kinds.filter((kind) => kind === 'expired').length, reader).toBeLessThanOrEqual(2);
    expect(kinds.filter((kind) => kind === 'digest').length, reader).toBeLessThanOrEqual(1);
  }

  const digests = sentAtMs.filter(({ mail }) => mail.kind === 'digest');
  expect(digests.length).toBeGreaterThan(100);
  // What is kept of mails here is more than what the sender keeps.
  expect(grown).toBeLessThan(100_000_000);
}, 300_000);

test('digests that fall due while others wait go before them', async () => {
  const fake = createFakeHandover();
  const loop = await startLoop(
    (credentialId) => describe(sourceUse(`of-${credentialId}`, [creatorOf(credentialId)])),
    { makeEmpty: inMemory, handover: fake.handover, perSecond },
  );
  // Two at once and the digest of one person; then many people, of which the rate lets only a part out until the digest is due.
  for (const number of [0, people, people + 200, people + 400]) await loop.handle(death(number));
  loop.clock.advance(windowMs - 10_000);
  for (let number = 1; number < 400; number++) await loop.handle(death(number));
  await watch(loop, loop.clock.nowMs() + 12_000);
  const kinds = fake.kinds();
  expect(kinds).toContain('digest');
  const waiting = await loop.store.listDue(loop.clock.nowMs(), 1_000);
  expect(waiting.length).toBeGreaterThan(100);
  expect(waiting.every(({ inDigest }) => !inDigest)).toBe(true);
}, 60_000);

test('what should have gone out before a digest, and could not, goes out in it', async () => {
  const fake = createFakeHandover();
  const loop = await startLoop(
    (credentialId) => describe(sourceUse(`of-${credentialId}`, [creatorOf(credentialId)])),
    { makeEmpty: inMemory, handover: fake.handover, perSecond: 1 },
  );
  // Two at once and two of a digest, behind as many of others as the rate lets out in the digest's window.
  for (let number = 1; number <= windowMs / 1_000; number++) await loop.handle(death(number));
  for (const number of [0, people, people + 200, people + 400]) await loop.handle(death(number));
  await watch(loop, loop.clock.nowMs() + 2 * windowMs);
  const ofReader = fake.taken.filter(({ to }) => to.address === 'user-0@example.com');
  expect(ofReader.map(({ kind, episodeIds }) => [kind, episodeIds.length])).toEqual([
    ['digest', 4],
  ]);
  expect(ofReader[0]?.text).toContain('4 credentials that you look after have expired.');
  const told = fake.taken.flatMap(({ episodeIds }) => episodeIds);
  expect([told.length, new Set(told).size]).toEqual([904, 904]);
}, 60_000);

test('after an hour in which the transport was down everything goes out at the rate, once', async () => {
  let down = true;
  const fake = createFakeHandover({
    meet: () => {
      if (down) throw unreachable;
    },
  });
  const loop = await startLoop(
    (credentialId) => describe(sourceUse(`of-${credentialId}`, [creatorOf(credentialId)])),
    { makeEmpty: inMemory, handover: fake.handover, perSecond, concurrency: 5 },
  );
  for (let number = 0; number < 300; number++) await loop.handle(death(number));
  await watch(loop, loop.clock.nowMs() + 60 * minuteMs);
  expect(fake.taken).toEqual([]);
  down = false;
  await watch(loop, loop.clock.nowMs() + 11 * minuteMs);
  expect(new Set(fake.taken.flatMap(({ episodeIds }) => episodeIds)).size).toBe(300);
  expect(fake.taken).toHaveLength(300);
  for (const { text } of fake.taken) expect(text).toContain('This mail is late');
}, 300_000);

function heapUsed(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
