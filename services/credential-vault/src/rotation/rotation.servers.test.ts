import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createShiftableClock, systemClock } from '@credential-renewal/runtime';
import type { MongoSettings } from '@credential-renewal/storage';
import { connectMongo, type MongoDatabase, migrate } from '@credential-renewal/storage/mongo';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { vaultSchema } from '../store/mongo-vault-schema.ts';
import { silent } from '../testing/sample-keyring.ts';
import { sampleTokenSet, startVault, type VaultUnderTest } from '../testing/vault-under-test.ts';
import { runRotation } from './rotation-command.ts';

const server = process.env['TEST_MONGODB_URL'] ?? '';

describe.skipIf(server === '')('two replicas on one MongoDB', () => {
  let directory: string;
  let admin: MongoDatabase;
  let replicas: VaultUnderTest[];

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'rotation-mongo-'));
    const store: MongoSettings = {
      ...{ engine: 'mongodb', url: `${server}/rotation-${randomUUID()}`, poolSize: 10 },
    };
    admin = await connectMongo(store, { service: 'test', clock: systemClock, logger: silent });
    await migrate(admin, vaultSchema, () => undefined);
    const clock = createShiftableClock();
    // Both at once: neither finds a data key, and each would make one.
    replicas = await Promise.all(
      ['one', 'other'].map((replica) =>
        startVault({ directory, replica, clock, config: { store } }),
      ),
    );
  });
  afterEach(async () => {
    for (const replica of replicas) await replica.stop();
    await admin.drop();
    await admin.close();
    rmSync(directory, { recursive: true });
  });

  const rotate = (vault: VaultUnderTest, kind: 'data_key' | 'key_encryption_key') =>
    runRotation(kind === 'data_key' ? { kind, evenIfUnfinished: false } : { kind }, {
      vault: vault.keys,
      write: () => undefined,
      pollMs: 20,
      patienceMs: 5_000,
    });
  const read = async ({ vault }: VaultUnderTest, credentialId: string) =>
    (await vault.readAccessToken({ credentialId })).accessToken;

  test('started at once on an empty store, they have one data key, and each reads what the other wrote', async () => {
    const [one, other] = replicas as [VaultUnderTest, VaultUnderTest];
    expect((await one.keys.getKeys({})).dataKeys).toHaveLength(1);
    const [ofOne, ofOther] = [await one.authorize('of-one'), await other.authorize('of-other')];
    expect(await read(other, ofOne)).toBe('planted-access-of-one');
    expect(await read(one, ofOther)).toBe('planted-access-of-other');
  });

  test('a key that one makes is known to the other at the first token that needs it, and what the other still writes is moved', async () => {
    const [one, other] = replicas as [VaultUnderTest, VaultUnderTest];
    const ids = await Promise.all(
      Array.from({ length: 60 }, (_, index) => one.authorize(`c-${index}`)),
    );
    let stop = false;
    const reading = (async () => {
      while (!stop) for (const id of ids.slice(0, 10)) await read(other, id);
    })();
    await rotate(one, 'data_key');
    const late = await one.authorize('late');
    expect(await read(other, late)).toBe('planted-access-late');
    await rotate(other, 'key_encryption_key');
    stop = true;
    await reading;

    await other.vault.storeCandidate({
      ...{ transactionId: 'by-other', accountId: 'acme', credentialId: undefined },
      tokens: sampleTokenSet('by-other'),
    });
    expect((await one.vault.readCandidate({ transactionId: 'by-other' })).accessToken).toBe(
      'planted-access-by-other',
    );
    for (const [index, id] of ids.entries()) {
      expect(await read(index % 2 ? one : other, id)).toBe(`planted-access-c-${index}`);
    }
    expect((await other.keys.getKeys({})).recordsToMove).toBe(0);
  });
});
