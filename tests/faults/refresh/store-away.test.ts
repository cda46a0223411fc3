import { expect, test, vi } from 'vitest';
import { accountId } from './first-authorization.ts';
import { expectAllRefreshed, waiting } from './refresh-expectations.ts';
import { type BrokerInHand, type RefreshWorld, startRefreshWorld } from './refresh-world.ts';

const credentials = 48;
const bound = 4;
/** The deadlines lie further apart than the jitter of their refreshes (a fifth of five minutes), and not in the order of the grants. */
const rankOf = (index: number) => (index * 7) % credentials;
const lifeSecondsOf = (index: number) => 700 + rankOf(index) * 61;
const byDeadline = Array.from({ length: credentials }, (_, index) => index).sort(
  (one, other) => rankOf(one) - rankOf(other),
);
/** Of an access token's end. */
const safeMarginMs = 10_000;

/** The token, or the code of the refusal. */
async function read(world: RefreshWorld, { rpc }: BrokerInHand, index: number): Promise<string> {
  const request = {
    accountId,
    target: { $case: 'credentialId', value: world.credentials[index] ?? '' },
    minimumRemainingLife: undefined,
    worker: 'sync',
  } as const;
  return rpc.getAccessToken(request).then(
    ({ accessToken }) => accessToken,
    ({ code }: { code: string }) => code,
  );
}

/** Of all credentials, the nearest end first. */
const readAll = (world: RefreshWorld, broker: BrokerInHand) =>
  Promise.all(byDeadline.map((index) => read(world, broker, index)));

const firstToken = (index: number) => `first-grant-${index}`;

/** What `readAll` gives when so many tokens have come to the end of their safe life. */
function whenEnded(count: number): string[] {
  return byDeadline.map((index, rank) =>
    rank < count ? 'TOKEN_NOT_AVAILABLE' : firstToken(index),
  );
}

/** The provider answers when as many requests as the bound allows are under way: fewer would wait for ever. */
function answerTogether({ provider }: RefreshWorld): void {
  let waitingHere: (() => void)[] = [];
  provider.beforeAnswer = () =>
    new Promise((answer) => {
      waitingHere.push(answer);
      if (waitingHere.length < bound) return;
      for (const one of waitingHere) one();
      waitingHere = [];
    });
}

test('an hour without the vault: tokens are served to the end of their safe life, none is refreshed, and then the nearest deadline first', {
  timeout: 240_000,
}, async () => {
  const startMs = Date.now();
  await using world = await startRefreshWorld({
    ...{ credentials, graceSeconds: 0, providerConcurrency: bound },
    firstLifeSeconds: lifeSecondsOf,
    baseClock: { nowMs: () => startMs },
  });
  const { provider, clock } = world;
  const broker = await world.startBroker();
  const endOfMs = (rank: number) => lifeSecondsOf(byDeadline[rank] ?? 0) * 1_000 - safeMarginMs;
  expect(await readAll(world, broker)).toEqual(whenEnded(0));

  // First the vault answers and cannot write: refreshes are due, and no intent comes about.
  broker.between.hold = { method: 'acquireLease', when: 'before', until: new Promise(() => {}) };
  clock.shiftTo(endOfMs(0) - 1);
  await vi.waitFor(() => expect(broker.between.held()).toBeGreaterThan(0), waiting);
  await world.stopVault();

  expect(await readAll(world, broker)).toEqual(whenEnded(0));
  clock.shiftTo(endOfMs(0));
  expect(await readAll(world, broker)).toEqual(whenEnded(1));
  clock.shiftTo(endOfMs(20) - 1);
  expect(await readAll(world, broker)).toEqual(whenEnded(20));
  clock.shiftTo(endOfMs(20));
  expect(await readAll(world, broker)).toEqual(whenEnded(21));
  clock.shiftTo(60 * 60_000);
  expect(await readAll(world, broker)).toEqual(whenEnded(credentials));
  expect(provider.tokenRequests()).toBe(0);

  answerTogether(world);
  broker.between.hold = undefined;
  await world.startVault();
  await expectAllRefreshed(world);
  const asked = provider.asked();
  const expected = byDeadline.map((index) => `grant-${index}`);
  expect(asked).toHaveLength(credentials);
  for (let first = 0; first < credentials; first += bound) {
    const together = asked.slice(first, first + bound);
    expect(new Set(together)).toEqual(new Set(expected.slice(first, first + bound)));
  }
  expect(provider.mostAtOnce()).toBe(bound);
  expect(provider.killed()).toEqual([]);
});
