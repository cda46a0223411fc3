import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AcquireLeaseRequest_Purpose as Purpose } from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import { durationFromMs } from '@credential-renewal/rpc';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  sampleCommit,
  sampleTokenSet,
  startVault,
  type VaultUnderTest,
} from './testing/vault-under-test.ts';

let directory: string;
let running: VaultUnderTest;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'parameters-'));
  running = await startVault({ directory });
});
afterEach(async () => {
  await running.stop();
  rmSync(directory, { recursive: true });
});

async function commit(transactionId: string, desk: string, credentialId?: string) {
  const { vault } = running;
  const tokens = sampleTokenSet(transactionId);
  await vault.storeCandidate({ transactionId, accountId: 'acme', credentialId, tokens });
  const { outcome } = await vault.commitCandidate(
    sampleCommit(transactionId, {
      identity: { kind: 'user', key: `${desk}:42`, maskedLabel: '' },
      parameters: { values: { desk } },
    }),
  );
  return outcome;
}

const idOf = (outcome: Awaited<ReturnType<typeof commit>>) =>
  outcome?.$case === 'installed' ? (outcome.value.state?.credentialId ?? '') : '';

test('whoever refreshes, renews or revokes is told the host, and a restart forgets it not', async () => {
  const credentialId = idOf(await commit('first', 'support'));
  await running.stop();
  running = await startVault({ directory, clock: running.clock });
  running.clock.advance(3_600_000);
  const { outcome } = await running.vault.acquireLease({
    ...{ credentialId, owner: 'broker-1', purpose: Purpose.SCHEDULED },
    ...{ leaseTtl: durationFromMs(25_000), minimumRemainingLife: undefined },
  });
  const support = { values: { desk: 'support' } };
  expect(outcome).toMatchObject({ $case: 'granted', value: { parameters: support } });
  expect((await running.vault.getCredential({ credentialId })).parameters).toEqual(support);
  expect((await running.vault.readAccessToken({ credentialId })).kept).toEqual({ desk: 'support' });
});

test('the same number at two hosts is two credentials, and the same host joins', async () => {
  const support = idOf(await commit('first', 'support'));
  const sales = idOf(await commit('second', 'sales'));
  expect(new Set([support, sales, '']).size).toBe(3);
  expect(idOf(await commit('third', 'sales'))).toBe(sales);
});

test('a renewal elsewhere is another account, and what was there stays', async () => {
  const credentialId = idOf(await commit('first', 'support'));
  expect((await commit('renewal', 'sales', credentialId))?.$case).toBe('wrongIdentity');
  const { accessToken } = await running.vault.readAccessToken({ credentialId });
  expect(accessToken).toBe('planted-access-first');
});
