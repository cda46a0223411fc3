import { writeSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { createLogger, systemClock } from '@credential-renewal/runtime';
import { createSqliteAuthorizationStore } from '../store/sqlite-authorization-store.ts';
import { createTokenReadCounter } from './token-read-counter.ts';

// Records reads until it is killed; a line before each that is recorded, and one for each count that is stored.
const [path = ''] = process.argv.slice(2);
const { tokenReads } = createSqliteAuthorizationStore(path);
const counter = createTokenReadCounter({
  store: {
    ...tokenReads,
    async add(reads) {
      await tokenReads.add(reads);
      writeSync(1, `stored ${reads.count}\n`);
    },
  },
  clock: systemClock,
  logger: createLogger({ service: 'crash-child', level: 'silent' }),
  onUncounted: () => undefined,
  intervalMs: 10,
});
for (;;) {
  writeSync(1, 'recorded 1\n');
  counter.record({ accountId: 'acme', credentialId: 'c1', worker: 'sync' });
  await wait(1);
}
