import { runStorm } from '../faults/mail-storm/run-storm.ts';
import type { Measured } from './figure.ts';

const usualWindowMs = 15 * 60_000;
/** Fewer have a shorter one, so that digests fall due while others still wait, as they do with 50,000. */
const windowMsOfEach = 18;

/**
 * So many credentials of one provider die within a minute of a clock that is moved, at the default rate: what is told of them, by how many mails, and what it
 * costs in memory and time. `tests/faults/mail-storm` is the same with fewer.
 */
export async function measureMailStorm(credentials: number): Promise<Measured> {
  const storm = await runStorm(
    credentials,
    { perSecond: 10, digestWindowMs: Math.min(usualWindowMs, credentials * windowMsOfEach) },
    (text) => void process.stderr.write(text),
  );
  const { heap, phases } = storm;
  const perSecond = Math.round((storm.mails / storm.tookSeconds) * 100) / 100;
  const cpuMs = (phase: string) =>
    Math.round(((phases[phase]?.cpuSeconds ?? Number.NaN) / credentials) * 100_000) / 100;
  return {
    lines: [
      `${credentials} deaths in ${storm.diedInMs / 1_000} s: ${storm.held.mails} told before the hold, ${100 * storm.held.shareDelayed} % of a sample delayed`,
      `once confirmed: ${storm.told} told, ${storm.toldMoreThanOnce} of them twice; ${storm.mails} mails, ${storm.digests} of them digests`,
      `${perSecond} mails a second of the clock (rate 10), at most ${storm.mostInASecond} in one; ${storm.singlesBeforeDigests} singles before a digest that was due`,
      `heap before ${heap.before} MB, held ${heap.held}, waiting ${heap.waiting}, at a tenth ${heap.atATenth}, after ${heap.after}`,
      `CPU of each credential: ${cpuMs('deaths')} ms to die, ${cpuMs('expiries')} ms to expire and be noticed, ${cpuMs('mails')} ms to be told of`,
    ],
    figures: [
      { name: 'mail-storm-told-twice', value: storm.toldMoreThanOnce, unit: 'credentials' },
      { name: 'mail-storm-mails', value: storm.mails, unit: 'mails' },
      { name: 'mail-storm-rate', value: perSecond, unit: 'mails/s' },
      { name: 'mail-storm-heap-growth', value: heap.after - heap.atATenth, unit: 'MB' },
      { name: 'mail-storm-notice-cpu', value: cpuMs('expiries'), unit: 'ms' },
    ],
  };
}
