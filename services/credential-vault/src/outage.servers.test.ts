import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HoldEnd } from '@credential-renewal/proto/credential_vault/v1/vault_holds';
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

const eventually = { timeout: 20_000, interval: 200 };

/** Two on one database, and twenty credentials of an account each whose access tokens have run out. */
async function startReplicas() {
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
    ['one', 'other'].map((replica) => startVault({ directory, replica, clock, config: { store } })),
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
  const refuseAll = () =>
    Promise.all(ids.map((id, index) => (index % 2 === 0 ? one : other).attempt(id, 'refused')));
  const countOf = async (status: CredentialStatus) => {
    const states = await Promise.all(
      ids.map((credentialId) => other.vault.getCredential({ credentialId })),
    );
    return states.filter(({ state }) => state?.status === status).length;
  };
  return { replicas, one, other, ids, clock, refuseAll, countOf };
}

describe.skipIf(server === '')('two replicas on one MongoDB', () => {
  test('see an outage together, hold together, and let each verdict count once', async () => {
    const { replicas, ids, clock, refuseAll, countOf } = await startReplicas();
    await refuseAll();
    expect(await countOf(CredentialStatus.EXPIRED)).toBe(2);
    expect(await countOf(CredentialStatus.DELAYED)).toBe(18);

    clock.advance(hourMs);
    await vi.waitFor(
      async () => expect(await countOf(CredentialStatus.EXPIRED)).toBe(20),
      eventually,
    );
    // Both publish what they find in the outbox; an event is published again only after a crash.
    await vi.waitFor(() => {
      const expired = replicas.flatMap(({ published }) =>
        published.filter(({ type }) => type === 'credential.expired'),
      );
      expect(expired.map(({ subject }) => subject).sort()).toEqual([...ids].sort());
    }, eventually);
  });

  test('of people at both, and the end by time, one decides', async () => {
    const { replicas, one, other, clock, refuseAll, countOf } = await startReplicas();
    await refuseAll();
    const [hold] = (await other.holds.listHolds({})).holds;
    expect(hold).toMatchObject({ held: 18 });
    clock.advance(hourMs);
    const answers = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) =>
        (index % 2 === 0 ? one : other).holds.decideHold({
          ...{ holdId: hold?.id ?? '', decidedBy: `person ${index}`, reason: 'told by phone' },
          end: index % 4 < 2 ? HoldEnd.RELEASED : HoldEnd.CONFIRMED,
        }),
      ),
    );
    await vi.waitFor(async () => {
      expect((await one.holds.listHolds({})).decisions).toHaveLength(1);
      const outcomes = await Promise.all(
        replicas.flatMap(({ metric }) =>
          ['released', 'confirmed', 'ended'].map((outcome) =>
            metric('credential_vault_outages_total', { outcome }),
          ),
        ),
      );
      expect(outcomes.filter((count) => count !== undefined)).toEqual([1]);
    }, eventually);
    const [decision] = (await one.holds.listHolds({})).decisions;
    for (const answer of answers) {
      if (answer.status === 'fulfilled') expect(answer.value.decision).toEqual(decision);
      else expect(answer.reason).toMatchObject({ code: 'HOLD_ENDED' });
    }
    const expired = decision?.end === HoldEnd.RELEASED ? 2 : 20;
    await vi.waitFor(async () => {
      expect(await one.metric('credential_vault_outages', {})).toBeUndefined();
      expect(await countOf(CredentialStatus.EXPIRED)).toBe(expired);
    }, eventually);
  });
});
