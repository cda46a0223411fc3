import { writeSync } from 'node:fs';
import { createLogger, systemClock } from '@credential-renewal/runtime';
import { openEmbeddedEventLog } from './embedded-event-log.ts';
import { sampleEvent } from './sample-event.ts';

// Publishes and consumes until it is killed; a line for each acknowledged and each handled event.
const [directory = '', run = ''] = process.argv.slice(2);
const logger = createLogger({ service: 'crash-child', level: 'silent' });
const log = await openEmbeddedEventLog({ directory, clock: systemClock, logger });

/** Out of this process when it returns; `process.stdout` keeps what the pipe cannot take yet, and a kill would lose it. */
function say(line: string): void {
  for (;;) {
    try {
      writeSync(1, line);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
  }
}

await log.subscribe({
  group: 'readers',
  topics: ['credential.expired'],
  handle: async ({ event }) => {
    say(`handled ${event.id}\n`);
  },
});

async function publishForEver(key: string): Promise<void> {
  for (let sequence = 1; ; sequence += 2) {
    await log.publish([sampleEvent(key, sequence), sampleEvent(key, sequence + 1)]);
    say(`acknowledged ${key} ${sequence + 1}\n`);
  }
}
await Promise.all(['a', 'b', 'c', 'd'].map((lane) => publishForEver(`${run}-${lane}`)));
