import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger, systemClock } from '@credential-renewal/runtime';
import { describe, expect, test } from 'vitest';
import { notificationStoresContract } from './notification-stores.contract.ts';
import { openNotificationStores } from './open-notification-stores.ts';

const deps = { clock: systemClock, logger: createLogger({ service: 'test', level: 'silent' }) };

describe('SQLite', () => {
  notificationStoresContract(async () => {
    const directory = mkdtempSync(join(tmpdir(), 'notify-'));
    const path = join(directory, 'notification.db');
    return {
      open: () => openNotificationStores({ engine: 'sqlite', path }, deps),
      dispose: async () => rmSync(directory, { recursive: true }),
    };
  });

  test('loads nothing of MongoDB', () => {
    const module = JSON.stringify(new URL('./open-notification-stores.ts', import.meta.url).href);
    const program = `
      import { createRequire } from 'node:module';
      import { openNotificationStores } from ${module};
      await (await openNotificationStores({ engine: 'sqlite', path: ':memory:' }, {})).close();
      const loaded = Object.keys(createRequire(import.meta.url).cache);
      console.log(loaded.filter((path) => /mongo/.test(path)).length);`;
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
      encoding: 'utf8',
    });
    expect(stdout).toBe('0\n');
  });
});
