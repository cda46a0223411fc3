import { createLogger, systemClock } from '@credential-renewal/runtime';
import { expect, test } from 'vitest';
import { openEventLog } from './open-event-log.ts';

const deps = { clock: systemClock, logger: createLogger({ service: 'test', level: 'silent' }) };

test('an engine that does not exist is refused by the name of the setting', async () => {
  await expect(openEventLog(new URL('rabbit://broker'), deps)).rejects.toThrow(
    'EVENT_LOG_URL begins with rabbit:, but the event logs of this release are: embedded:<directory>',
  );
});

test('a URL without a directory is refused', async () => {
  await expect(openEventLog(new URL('embedded:'), deps)).rejects.toMatchObject({
    code: 'URL_PATH_INVALID',
  });
});
