import { randomUUID } from 'node:crypto';
import { createLogger, systemClock } from '@credential-renewal/runtime';
import type { MongoSettings } from '@credential-renewal/storage';
import { connectMongo, type MongoDatabase, migrate } from '@credential-renewal/storage/mongo';
import { afterAll, describe } from 'vitest';
import { testAuthorizationStore } from './authorization-store.contract.ts';
import { openMongoAuthorizationStore } from './mongo-authorization-store.ts';
import { brokerSchema } from './mongo-broker-schema.ts';
import { testTokenReadStore } from './token-read-store.contract.ts';

const server = process.env['TEST_MONGODB_URL'] ?? '';
const deps = { clock: systemClock, logger: createLogger({ service: 'test', level: 'silent' }) };

describe.skipIf(server === '')('with a MongoDB server', { timeout: 60_000 }, () => {
  let settings: MongoSettings;
  let admin: MongoDatabase | undefined;
  const drop = async () => {
    await admin?.drop();
    await admin?.close();
  };
  afterAll(drop);

  const engine = {
    open: () => openMongoAuthorizationStore(settings, deps),
    async reset() {
      await drop();
      settings = { engine: 'mongodb', url: `${server}/broker-${randomUUID()}`, poolSize: 10 };
      admin = await connectMongo(settings, { service: 'test', ...deps });
      await migrate(admin, brokerSchema, () => undefined);
    },
    servesReplicas: true,
  };
  testAuthorizationStore('mongodb', engine);
  testTokenReadStore('mongodb', engine);
});
