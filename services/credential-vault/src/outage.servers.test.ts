import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CredentialStatus } from '@credential-renewal/proto/events/v1/credential';
import { createShiftableClock, systemClock } from '@credential-renewal/runtime';
import type { MongoSettings } from '@credential-renewal/storage';
import { connectMongo, migrate } from '@credential-renewal/storage/mongo';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { vaultSchema } from './store/mongo-vault-schema.ts';
import { hourMs } from './testing/sample.ts';
import { silent } from './testing/sample-keyring.ts';
import { startVault, type VaultUnderTest } from './testing/vault-under-test.ts';

const server = process.env['TEST_MONGODB_URL'] ?? '';

describe.skipIf(server === '')('two replicas on one MongoDB', () => {
  test('see an outage together, hold together, and let each verdict count once', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'outage-mongo-'));
    const store: MongoSettings = {
      ...{ engine: 'mongodb', url: `${server}/outage-${randomUUID()}`, poolSize: 10 },
    };
    const admin = await connectMongo(store, {
      ...{ service: 'test', clock: systemClock, logger: silent },
    });
    await migrate(admin, vaultSchema, () => undefined);
    const clock = createShiftableClock();
    const replicas = await Promise.all(
      ['one', 'other'].map((replica) =>
        startVault({ directory, replica, clock, config: { store } }),
      ),
    );
    onTestFinished(async () => {
      for (const replica of replicas) await replica.stop();
      await admin.drop();
      await admin.close();
      rmSync(directory, { recursive: true });
    });
    const [one, other] = replicas as [VaultUnderTest, VaultUnderTest];
    const ids: string[] = [];
    for (let index = 0; index < 20; index++) {
      ids.push(await one.authorize(`c-${index}`, { accountId: `account-${index}` }));
    }
    clock.advance(hourMs);
    await Promise.all(
      ids.map((id, index) => (index % 2 === 0 ? one : other).attempt(id, 'refused')),
    );
    const countOf = async (status: CredentialStatus) => {
      const states = await Promise.all(
        ids.map((credentialId) => other.vault.getCredential({ credentialId })),
      );
      return states.filter(({ state }) => state?.status === status).length;
    };
    expect(await countOf(CredentialStatus.EXPIRED)).toBe(2);
    expect(await countOf(CredentialStatus.DELAYED)).toBe(18);

    clock.advance(hourMs);
    await vi.waitFor(async () => expect(await countOf(CredentialStatus.EXPIRED)).toBe(20), {
      timeout: 20_000,
      interval: 200,
    });
    // Both publish what they find in the outbox; an event is published again only after a crash.
    await vi.waitFor(
      () => {
        const expired = replicas.flatMap(({ published }) =>
          published.filter(({ type }) => type === 'credential.expired'),
        );
        expect(expired.map(({ subject }) => subject).sort()).toEqual([...ids].sort());
      },
      { timeout: 20_000, interval: 200 },
    );
  });
});
