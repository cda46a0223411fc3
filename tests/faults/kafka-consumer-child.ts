import { writeSync } from 'node:fs';
import { openEventLog, readEventLogSettings } from '@credential-renewal/events';
import { createLogger, readSettings, systemClock } from '@credential-renewal/runtime';
import { Registry } from 'prom-client';

// A member of a group that tells of each effect, and is killed between the effect and the commit of the event that the variable DIE_AT counts.
const dieAt = Number(process.env.DIE_AT ?? Number.NaN);
const logger = createLogger({ service: 'consumer-child', level: 'silent' });
const log = await openEventLog(readSettings(process.env, readEventLogSettings), {
  ...{ service: 'consumer-child', clock: systemClock, logger, metrics: new Registry() },
});
let effects = 0;

await log.subscribe({
  group: 'notification',
  topics: ['credential.state'],
  async handle({ event }) {
    writeSync(1, `did ${event.partitionkey} ${Number(event.sequence)}\n`);
    effects++;
    if (effects === dieAt) process.kill(process.pid, 'SIGKILL');
  },
});
writeSync(1, 'listening\n');
