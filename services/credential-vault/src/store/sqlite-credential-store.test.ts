import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@credential-renewal/runtime';
import { describe } from 'vitest';
import { credentialStoreContract } from './credential-store.contract.ts';
import { createSqliteCredentialStore } from './sqlite-credential-store.ts';
import { openVaultDatabase } from './sqlite-vault-database.ts';

describe('SQLite', () => {
  credentialStoreContract(async () => {
    const directory = mkdtempSync(join(tmpdir(), 'vault-store-'));
    const open = async () => {
      const database = openVaultDatabase(join(directory, 'vault.db'));
      return {
        store: createSqliteCredentialStore(database, systemClock),
        close: () => database.close(),
      };
    };
    const first = await open();
    return {
      ...first,
      reopen: open,
      dispose: async () => rmSync(directory, { recursive: true }),
    };
  });
});
