import { randomUUID } from 'node:crypto';
import { createLogger, systemClock } from '@credential-renewal/runtime';
import type { MongoSettings } from '@credential-renewal/storage';
import { connectMongo, migrate } from '@credential-renewal/storage/mongo';
import { describe } from 'vitest';
import { registrySchema } from './mongo-registry-schema.ts';
import { openMongoRegistryStores } from './open-mongo-registry-stores.ts';
import { testRegistryStores } from './registry-stores.contract.ts';

const server = process.env['TEST_MONGODB_URL'] ?? '';
const deps = { clock: systemClock, logger: createLogger({ service: 'test', level: 'silent' }) };

describe.skipIf(server === '')('with a MongoDB server', { timeout: 60_000 }, () => {
  testRegistryStores('MongoDB', async () => {
    const settings: MongoSettings = {
      ...{ engine: 'mongodb', url: `${server}/registry-${randomUUID()}`, poolSize: 10 },
    };
    const admin = await connectMongo(settings, { service: 'test', ...deps });
    await migrate(admin, registrySchema, () => undefined);
    const one = await openMongoRegistryStores(settings, deps);
    const other = await openMongoRegistryStores(settings, deps);
    return {
      replica: (index) => (index % 2 === 0 ? one : other),
      async close() {
        await Promise.all([one.close(), other.close()]);
        await admin.drop();
        await admin.close();
      },
    };
  });
});
