import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger, systemClock } from '@credential-renewal/runtime';
import { describe } from 'vitest';
import { openVaultStores } from './open-vault-stores.ts';
import { vaultStoresContract } from './vault-stores.contract.ts';

const deps = { clock: systemClock, logger: createLogger({ service: 'test', level: 'silent' }) };

describe('SQLite', () => {
  vaultStoresContract(async () => {
    const directory = mkdtempSync(join(tmpdir(), 'vault-store-'));
    return {
      open: () => openVaultStores({ engine: 'sqlite', path: join(directory, 'vault.db') }, deps),
      dispose: async () => rmSync(directory, { recursive: true }),
    };
  });
});
