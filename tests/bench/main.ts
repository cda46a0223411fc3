import { measureEventLog } from './event-log.ts';
import type { Measured } from './figure.ts';
import { measureJwe } from './jwe.ts';
import { measureMailStorm } from './mail-storm.ts';
import { measureMails } from './mails.ts';
import { measureMemory } from './memory.ts';
import { measureRenewal } from './renewal.ts';
import { measureStart } from './start.ts';
import { measureStorm } from './storm.ts';
import { measureSweep } from './sweep.ts';
import { measureTokenReads } from './token-reads.ts';

/**
 * Prints figures of this machine and this run; quote the ratios, for machines are noisy. With `--json` one JSON line per figure and
 * nothing else on the standard output. `STORM_CREDENTIALS` and `MAIL_STORM_CREDENTIALS` make the storms smaller; a longer `STORM_LATENCY_MS` needs less of the machine
 * for the same share of the bound.
 */
const stormCredentials = Number(process.env['STORM_CREDENTIALS'] ?? 100_000);
const stormLatencyMs = Number(process.env['STORM_LATENCY_MS'] ?? 50);
const mailStormCredentials = Number(process.env['MAIL_STORM_CREDENTIALS'] ?? 50_000);
const benches: Record<string, () => Promise<Measured>> = {
  start: measureStart,
  memory: measureMemory,
  'token-reads': measureTokenReads,
  'event-log': measureEventLog,
  jwe: measureJwe,
  renewal: measureRenewal,
  storm: () => measureStorm(stormCredentials, stormLatencyMs),
  sweep: measureSweep,
  mails: measureMails,
  'mail-storm': () => measureMailStorm(mailStormCredentials),
};
const asJson = process.argv.includes('--json');
const asked = process.argv.slice(2).filter((argument) => argument !== '--json');

for (const [name, measure] of Object.entries(benches)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  (asJson ? process.stderr : process.stdout).write(`\n${name}\n`);
  const { lines, figures } = await measure();
  const printed = asJson
    ? figures.map((figure) => JSON.stringify(figure))
    : lines.map((line) => `  ${line}`);
  for (const line of printed) process.stdout.write(`${line}\n`);
}
