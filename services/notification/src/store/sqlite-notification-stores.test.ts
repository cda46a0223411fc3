import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { emptySqliteStores } from '../testing/empty-stores.ts';
import { notificationStoresContract } from './notification-stores.contract.ts';

describe('SQLite', () => {
  notificationStoresContract(emptySqliteStores);

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
