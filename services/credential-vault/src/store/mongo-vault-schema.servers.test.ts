import { randomUUID } from 'node:crypto';
import { systemClock } from '@credential-renewal/runtime';
import type { MongoSettings } from '@credential-renewal/storage';
import { connectMongo, migrate } from '@credential-renewal/storage/mongo';
import { describe, expect, onTestFinished, test } from 'vitest';
import { sampleCredential, sampleTokens, sealedUnder, startMs } from '../testing/sample.ts';
import { silent } from '../testing/sample-keyring.ts';
import { vaultSchema } from './mongo-vault-schema.ts';
import { openMongoVaultStores } from './open-mongo-vault-stores.ts';

const server = process.env['TEST_MONGODB_URL'] ?? '';

describe.skipIf(server === '')('MongoDB', () => {
  test('documents without a data key’s name get it, and data keys their numbers, in the order of their making', async () => {
    const settings: MongoSettings = {
      ...{ engine: 'mongodb', url: `${server}/vault-${randomUUID()}`, poolSize: 5 },
    };
    const deps = { clock: systemClock, logger: silent };
    const admin = await connectMongo(settings, { service: 'test', ...deps });
    onTestFinished(async () => {
      await admin.drop();
      await admin.close();
    });
    const first = { ...vaultSchema, migrations: vaultSchema.migrations.slice(0, 1) };
    await migrate(admin, first, () => undefined);
    for (const [kid, createdAtMs] of [
      ['key-b', 2],
      ['key-a', 1],
    ] as const) {
      const document = { kid, wrapped: kid, createdAtMs };
      await admin.native('data_keys').insertOne({
        _id: kid,
        schemaVersion: 1,
        version: 1,
        createdAtMs,
        document,
      } as object as {
        _id: string;
      });
    }
    const sealed = sealedUnder('key-a');
    const tokens = sampleTokens('any', startMs, { accessToken: sealed, refreshToken: sealed });
    const credential = sampleCredential({ tokens });
    await admin.native('credentials').insertOne({
      ...{ _id: credential.id, schemaVersion: 1, version: 1, joinKey: 'join' },
      document: credential,
    } as object as { _id: string });
    await admin.native('credentials').insertOne({
      _id: 'gone',
      schemaVersion: 1,
      version: 2,
      retired: true,
      joinKey: 'retired',
    } as object as {
      _id: string;
    });

    await migrate(admin, vaultSchema, () => undefined);
    const stores = await openMongoVaultStores(settings, deps);
    onTestFinished(() => stores.close());
    const keys = await stores.dataKeys.list();
    expect(keys.map(({ kid, generation }) => [kid, generation])).toEqual([
      ['key-a', 1],
      ['key-b', 2],
    ]);
    expect(await stores.credentials.listOlderDataKey('key-b', undefined, 10)).toEqual([
      { dataKey: 'key-a', id: credential.id },
    ]);
    expect(await stores.credentials.find(credential.id)).toMatchObject({ id: credential.id });
  });
});
