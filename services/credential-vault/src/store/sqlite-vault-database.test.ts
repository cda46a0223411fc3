import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqlite } from '@credential-renewal/storage';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sampleCredential } from '../testing/sample.ts';
import { silent } from '../testing/sample-keyring.ts';
import { openVaultStores } from './open-vault-stores.ts';
import { databaseName, migrations } from './sqlite-vault-database.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'vault-database-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

test('a file of the first release keeps its data keys in their order, and its credentials are all moved once', async () => {
  const path = join(directory, 'vault.db');
  const first = openSqlite({ path, name: databaseName, migrations: migrations.slice(0, 1) });
  const credential = sampleCredential();
  await first.write((sql) => {
    for (const [kid, createdAtMs] of [
      ['key-b', 2],
      ['key-c', 2],
      ['key-a', 1],
    ] as const) {
      sql.run(
        'INSERT INTO data_key (kid, wrapped, created_at) VALUES (?, ?, ?)',
        kid,
        kid,
        createdAtMs,
      );
    }
    sql.run(
      `INSERT INTO credential (id, version, account_id, provider_id, client_id, identity_key, join_key, lease_expires_at, worked_at, document)
       VALUES (?, 1, 'acme', 'orchard', 'our-client', 'user/1', 'join', 0, 0, ?)`,
      credential.id,
      JSON.stringify(credential),
    );
  });
  await first.close();

  const stores = await openVaultStores(
    { engine: 'sqlite', path },
    { clock: { nowMs: () => 0 }, logger: silent },
  );
  const keys = await stores.dataKeys.list();
  expect(keys.map(({ kid, generation }) => [kid, generation])).toEqual([
    ['key-a', 1],
    ['key-b', 2],
    ['key-c', 3],
  ]);
  expect(await stores.credentials.listOlderDataKey('key-c', undefined, 10)).toEqual([
    { dataKey: '', id: credential.id },
  ]);
  expect(await stores.credentials.find(credential.id)).toEqual(credential);
  expect(await stores.credentials.countByStatus()).toEqual([
    { providerId: 'orchard', status: credential.status, count: 1 },
  ]);
  await stores.close();
});
