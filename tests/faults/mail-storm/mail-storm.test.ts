import { expect, test } from 'vitest';
import { runStorm } from './run-storm.ts';
import { creatorOf } from './storm-people.ts';

/** 50,000 take minutes of a processor: `npm run bench -- mail-storm`. */
const credentials = 1_280;
const perSecond = 10;
/** Shorter than what goes out at once takes, as a quarter of an hour is with 50,000. */
const digestWindowMs = 20_000;

test('credentials that die within a minute are held, and once confirmed everybody is told once: at the rate, digests first, in flat memory', async () => {
  const storm = await runStorm(credentials, { perSecond, digestWindowMs }, () => undefined);
  expect(storm.diedInMs).toBeLessThanOrEqual(60_000);

  // Those of the first two accounts died before it could be known that they are the first of many.
  expect(storm.held).toEqual({ mails: 3, shareDelayed: 1, outages: 1, outagesBegun: 1 });

  expect(storm.told).toBe(credentials);
  expect(storm.toldMoreThanOnce).toBe(0);
  expect(storm.mostInASecond).toBeLessThanOrEqual(2 * perSecond);
  expect(storm.mails).toBeLessThanOrEqual(perSecond * (storm.tookSeconds + 2));
  expect(storm.mostSinglesOfPerson).toBeLessThanOrEqual(2);
  expect(storm.mostDigestsOfPerson).toBe(1);
  expect(storm.digests).toBe((creatorOf(credentials - 1) + 1) / 2);
  expect(storm.singlesBeforeDigests).toBe(0);
  expect(storm.singlesAfterOwnDigest).toBe(0);

  const { held, atATenth, after } = storm.heap;
  expect(held).toBeLessThan(storm.heap.before + 15);
  expect(after).toBeLessThan(atATenth + 15);
}, 600_000);
