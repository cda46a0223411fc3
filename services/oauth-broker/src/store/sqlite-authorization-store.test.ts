import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, expect, test } from 'vitest';
import { exampleAuthorization, testAuthorizationStore } from './authorization-store.contract.ts';
import { createSqliteAuthorizationStore } from './sqlite-authorization-store.ts';
import { testTokenReadStore } from './token-read-store.contract.ts';

const directory = mkdtempSync(join(tmpdir(), 'authorizations-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
let number = 0;

const engine = {
  open: async () => createSqliteAuthorizationStore(join(directory, `${number}.db`)),
  async reset() {
    number += 1;
  },
  servesReplicas: false,
};
testAuthorizationStore('sqlite', engine);
testTokenReadStore('sqlite', engine);

test('sqlite: a file of an earlier release learns what each authorization was for', async () => {
  const path = join(directory, 'earlier.db');
  const store = createSqliteAuthorizationStore(path);
  await store.create(exampleAuthorization());
  await store.close();
  const earlier = new DatabaseSync(path);
  earlier.exec(
    'DROP INDEX authorization_by_use; ALTER TABLE authorization DROP COLUMN use_id; PRAGMA user_version = 2',
  );
  earlier.close();
  const migrated = createSqliteAuthorizationStore(path);
  expect((await migrated.findNewestOfUse('reports'))?.id).toBe('transaction');
  await migrated.close();
});
