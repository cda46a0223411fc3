import { randomUUID } from 'node:crypto';
import { createLogger, systemClock } from '@credential-renewal/runtime';
import type { MongoSettings } from '@credential-renewal/storage';
import { connectMongo, migrate } from '@credential-renewal/storage/mongo';
import { describe } from 'vitest';
import { vaultSchema } from './mongo-vault-schema.ts';
import { openMongoVaultStores } from './open-mongo-vault-stores.ts';
import { vaultStoresContract } from './vault-stores.contract.ts';

const server = process.env['TEST_MONGODB_URL'] ?? '';
const deps = { clock: systemClock, logger: createLogger({ service: 'test', level: 'silent' }) };

describe.skipIf(server === '')('MongoDB', () => {
  vaultStoresContract(async () => {
    const settings: MongoSettings = {
      ...{ engine: 'mongodb', url: `${server}/vault-${randomUUID()}`, poolSize: 10 },
    };
    const admin = await connectMongo(settings, { service: 'test', ...deps });
    await migrate(admin, vaultSchema, () => undefined);
    return {
      open: () => openMongoVaultStores(settings, deps),
      dispose: async () => {
        await admin.drop();
        await admin.close();
      },
    };
  });
});
