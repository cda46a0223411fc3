import { measureEventLog } from './event-log.ts';
import { measureMemory } from './memory.ts';
import { measureStart } from './start.ts';
import { measureTokenReads } from './token-reads.ts';

/** Prints figures of this machine and this run; quote the ratios, for machines are noisy. */
const benches = {
  start: measureStart,
  memory: measureMemory,
  'token-reads': measureTokenReads,
  'event-log': measureEventLog,
};
const asked = process.argv.slice(2);

for (const [name, measure] of Object.entries(benches)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  process.stdout.write(`\n${name}\n`);
  for (const line of await measure()) process.stdout.write(`  ${line}\n`);
}
