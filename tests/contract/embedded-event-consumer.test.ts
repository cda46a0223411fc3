import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedEventLog } from '@credential-renewal/events';
import { createLogger, createShiftableClock } from '@credential-renewal/runtime';
import { eventConsumerContract } from './event-consumer.contract.ts';

const weekMs = 7 * 24 * 60 * 60 * 1000;
const logger = createLogger({ service: 'test', level: 'silent' });

eventConsumerContract('the embedded event log', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'event-consumer-'));
  const clock = createShiftableClock();
  const open = () => openEmbeddedEventLog({ directory, clock, logger });
  let log = await open();
  return {
    log,
    async compact() {
      await log.close();
      clock.advance(weekMs + 1000);
      // It looks for what need not be kept soon after it was opened.
      log = await open();
      return log;
    },
    async dispose() {
      await log.close();
      rmSync(directory, { recursive: true });
    },
  };
});
