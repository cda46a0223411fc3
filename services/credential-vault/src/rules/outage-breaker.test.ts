import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hourMs, minuteMs, sampleOutageSettings, startMs } from '../testing/sample.ts';
import {
  type CanaryOutcome,
  calmWatch,
  type Death,
  endHold,
  type Hold,
  judgeHold,
  noteDeath,
  type OutageWatch,
  standingOf,
} from './outage-breaker.ts';

const settings = sampleOutageSettings;
const calm = calmWatch('orchard', 'our-client');

const death = (accountId: string, atMs = startMs, overrides: Partial<Death> = {}): Death => ({
  ...{ credentialId: `of-${accountId}-${atMs}`, accountId, atMs, canBeTried: true },
  ...overrides,
});

/** What the store would answer: who worked since a moment. */
type Worked = (sinceMs: number) => string[];
const nobody: Worked = () => [];

/** One death after another, as the vault takes them. */
function die(watch: OutageWatch, one: Death, worked: Worked = nobody) {
  const standing = standingOf(watch, one, settings);
  switch (standing.kind) {
    case 'trusted':
      return { watch, isHeld: false };
    case 'hold':
      return { watch, isHeld: true };
    case 'alone':
    case 'suspicious': {
      const known = standing.kind === 'suspicious' ? worked(standing.sinceMs) : [];
      const next = noteDeath(watch, one, known, settings);
      return { watch: next, isHeld: next.hold !== undefined };
    }
    default:
      return standing satisfies never;
  }
}

function dieAll(deaths: readonly Death[], worked: Worked = nobody, from = calm) {
  let watch = from;
  const held = deaths.map((one) => {
    const outcome = die(watch, one, worked);
    watch = outcome.watch;
    return outcome.isHeld;
  });
  return { watch, held };
}

describe('what begins a hold', () => {
  test('deaths of several accounts while nobody’s credential works', () => {
    const { watch, held } = dieAll([death('a'), death('b', startMs + 1), death('c', startMs + 2)]);
    expect(held).toEqual([false, false, true]);
    expect(watch.hold).toEqual({
      sinceMs: startMs + 2,
      untilMs: startMs + 2 + hourMs,
      accountIds: ['a', 'b', 'c'],
      canaries: [`of-a-${startMs}`, `of-b-${startMs + 1}`, `of-c-${startMs + 2}`],
      slipped: [`of-a-${startMs}`, `of-b-${startMs + 1}`],
    });
  });

  test('not one customer who uninstalls, however many credentials go at once', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 500 }),
        fc.integer({ min: 1, max: 2 }),
        (count, accounts) => {
          const deaths = Array.from({ length: count }, (_, index) =>
            death(`account-${index % accounts}`, startMs + index),
          );
          const { watch, held } = dieAll(deaths);
          expect(held).not.toContain(true);
          expect(watch.deaths.length).toBeLessThanOrEqual(50 * accounts);
        },
      ),
    );
  });

  test('not a customer who uninstalls while others die one by one and many work', () => {
    const many = Array.from({ length: 100 }, (_, index) => death('huge', startMs + index));
    const works = () => ['x', 'y', 'z', 'u'];
    const { held } = dieAll([...many, death('b', startMs + 200), death('c', startMs + 300)], works);
    expect(held).not.toContain(true);
  });

  test('what worked before the first of the deaths does not count against it', () => {
    const worked: Worked = (sinceMs) =>
      Array.from({ length: 1_000 }, (_, index) => ({ accountId: `w-${index}`, atMs: startMs - 1 }))
        .filter(({ atMs }) => atMs >= sinceMs)
        .map(({ accountId }) => accountId);
    const { held } = dieAll([death('a'), death('b'), death('c')], worked);
    expect(held).toEqual([false, false, true]);
  });

  test('answers that were on their way when the provider broke only put it off', () => {
    const late = new Map(Array.from({ length: 8 }, (_, index) => [`w-${index}`, startMs + 5]));
    const worked: Worked = (sinceMs) =>
      [...late].filter(([, atMs]) => atMs >= sinceMs).map(([accountId]) => accountId);
    const deaths = Array.from({ length: 10 }, (_, index) => death(`a-${index}`, startMs + index));
    const { held } = dieAll(deaths, worked);
    expect(held.indexOf(true)).toBe(8);
  });

  test('not deaths that lie further apart than the window', () => {
    const deaths = ['a', 'b', 'c', 'd', 'e'].map((accountId, index) =>
      death(accountId, startMs + index * 6 * minuteMs),
    );
    expect(dieAll(deaths).held).not.toContain(true);
  });

  test('not one credential whose death is written again and again', () => {
    const again = Array.from({ length: 5 }, (_, index) =>
      death(`a-${index}`, startMs + index, { credentialId: 'the-same' }),
    );
    expect(dieAll(again).held).not.toContain(true);
  });
});

test('a hold begins with the very death that makes it too many, by any history of deaths and successes', () => {
  const accounts = ['a', 'b', 'c', 'd', 'e', 'f'];
  const step = fc.record({
    kind: fc.constantFrom('death', 'success'),
    accountId: fc.constantFrom(...accounts),
    afterMs: fc.constantFrom(0, 1, 1_000, minuteMs, 6 * minuteMs),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      let nowMs = startMs;
      let watch = calm;
      let deaths: Death[] = [];
      const successes: { accountId: string; atMs: number }[] = [];
      const worked: Worked = (sinceMs) =>
        successes.filter(({ atMs }) => atMs >= sinceMs).map(({ accountId }) => accountId);
      for (const [index, { kind, accountId, afterMs }] of steps.entries()) {
        nowMs += afterMs;
        if (kind === 'success') {
          successes.push({ accountId, atMs: nowMs });
          continue;
        }
        const one = death(accountId, nowMs, { credentialId: `c-${index}` });
        deaths = [...deaths, one].filter(({ atMs }) => nowMs - atMs <= settings.windowMs);
        const outcome = die(watch, one, worked);
        watch = outcome.watch;
        expect(outcome.isHeld).toBe(isTooMany(deaths, worked));
        if (outcome.isHeld) return;
      }
    }),
    { numRuns: 2_000 },
  );
});

/** The same in other words: looking back from the last death until there are enough accounts. */
function isTooMany(deaths: readonly Death[], worked: Worked): boolean {
  for (let from = deaths.length - 1; from >= 0; from--) {
    const dead = new Set(deaths.slice(from).map(({ accountId }) => accountId));
    if (dead.size < settings.minAccounts) continue;
    const others = new Set(worked(deaths[from]?.atMs ?? 0));
    for (const accountId of dead) others.delete(accountId);
    return dead.size / (dead.size + others.size) >= settings.ratio;
  }
  return false;
}

describe('while a hold lasts', () => {
  const { watch } = dieAll([death('a'), death('b'), death('c')]);
  const hold = watch.hold as Hold;

  test('every further verdict is held, of whatever account, and the watch does not grow', () => {
    const deaths = Array.from({ length: 500 }, (_, index) => death(`x-${index}`, startMs + index));
    const outcome = dieAll(deaths, nobody, watch);
    expect(outcome.held).not.toContain(false);
    expect(outcome.watch).toBe(watch);
  });

  test('it ends by itself after an hour: the verdict of a moment later counts', () => {
    expect(standingOf(watch, death('d', hold.untilMs - 1), settings).kind).toBe('hold');
    expect(standingOf(watch, death('d', hold.untilMs), settings).kind).toBe('trusted');
  });

  const judge = (
    canaries: CanaryOutcome[],
    { worked = [] as string[], held = [] as string[], afterMs = 5 * minuteMs } = {},
  ) =>
    judgeHold(
      hold,
      { canaries, workedAccounts: worked, heldAccounts: held, nowMs: startMs + afterMs },
      settings,
    );
  const refusedAgain = { refusedAtMs: startMs + 3 * minuteMs };
  const others = ['u', 'v', 'w', 'x'];

  test('one canary that works releases it, whatever the others say', () => {
    expect(judge([refusedAgain, 'works', 'silent'], { worked: others })).toBe('released');
    expect(judge(['works'], { afterMs: hourMs })).toBe('released');
  });

  test('canaries that are refused again while most others work confirm it', () => {
    expect(judge([refusedAgain, refusedAgain], { worked: others })).toBe('confirmed');
  });

  test.each<[string, CanaryOutcome[], Parameters<typeof judge>[1]]>([
    ['nobody else works', [refusedAgain], {}],
    ['only those work whose others are held', [refusedAgain], { worked: ['a', 'b', 'c', 'd'] }],
    ['as many are held as work', [refusedAgain], { worked: others, held: ['d'] }],
    ['a canary has not answered yet', [refusedAgain, 'silent'], { worked: others }],
    ['a canary was refused too early to tell', [{ refusedAtMs: startMs + 1 }], { worked: others }],
    ['the only canary was renewed by a person', ['void'], { worked: others }],
    ['there is no canary', [], { worked: others }],
  ])('it goes on while %s', (_, canaries, facts) => {
    expect(judge(canaries, facts)).toBeUndefined();
  });

  test('it ends after an hour at the latest, or when the clock was set back before it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom<CanaryOutcome>('silent', 'void', refusedAgain)),
        fc.subarray(others),
        (canaries, worked) => {
          expect(judge(canaries, { worked, afterMs: hourMs })).toBe('ended');
          expect(judge(canaries, { worked, afterMs: -hourMs })).toBe('ended');
        },
      ),
    );
  });

  test.each(['confirmed', 'ended'] as const)(
    'after it was %s verdicts count for a while without a new hold, and then it is armed again',
    (end) => {
      const after = endHold(watch, { end, by: undefined }, hold.untilMs, settings);
      expect(after).toMatchObject({ hold: undefined, settling: { end, slipped: hold.slipped } });
      const more = (fromMs: number) =>
        dieAll(
          ['p', 'q', 'r', 's'].map((accountId) => death(accountId, fromMs)),
          nobody,
          after,
        );
      expect(more(hold.untilMs).held).not.toContain(true);
      expect(more(hold.untilMs + hourMs).held).toContain(true);
      // A clock that was set back does not make it last.
      expect(more(startMs - hourMs).held).toContain(true);
    },
  );

  describe('after a release', () => {
    const releasedAtMs = startMs + minuteMs;
    const after = endHold(watch, { end: 'released', by: undefined }, releasedAtMs, settings);
    const burst = ['p', 'q', 'r'].map((accountId) => death(accountId, releasedAtMs + 1));

    test('the first that is refused is held again while nobody works: it was released too early', () => {
      const again = dieAll(burst, nobody, after);
      expect(again.held).toEqual([true, true, true]);
      expect(again.watch.hold?.slipped).toEqual(hold.slipped);
    });

    test('what worked before it says nothing', () => {
      const worked: Worked = (sinceMs) => (sinceMs < releasedAtMs ? ['u', 'v', 'w'] : []);
      expect(dieAll(burst, worked, after).held[0]).toBe(true);
    });

    test('a death counts once others work, and a burst of them is held as the first was', () => {
      const worked: Worked = (sinceMs) => (sinceMs <= releasedAtMs ? ['u', 'v', 'w'] : []);
      expect(dieAll(burst, worked, after).held).toEqual([false, false, true]);
    });

    test('it is forgotten when a death would be', () => {
      const atMs = releasedAtMs + settings.windowMs + 1;
      expect(dieAll([death('p', atMs)], nobody, after).held).toEqual([false]);
    });
  });
});

test('a refusal that no question to the provider can clear up is no canary', () => {
  const untried = { canBeTried: false };
  const { watch } = dieAll([
    death('a', startMs, untried),
    death('b', startMs),
    death('c', startMs, untried),
  ]);
  expect(watch.hold?.canaries).toEqual([`of-b-${startMs}`]);
});
