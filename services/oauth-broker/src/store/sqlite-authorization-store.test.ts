import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { testAuthorizationStore } from './authorization-store.contract.ts';
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
