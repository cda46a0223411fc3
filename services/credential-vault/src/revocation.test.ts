import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CredentialStatus } from '@credential-renewal/proto/events/v1/credential';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { authorize, refuse } from './testing/broker-steps.ts';
import { startVault, type VaultUnderTest } from './testing/vault-under-test.ts';

let directory: string;
let running: VaultUnderTest;
let vault: VaultUnderTest['vault'];
let clock: VaultUnderTest['clock'];

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'vault-'));
  running = await startVault({ directory });
  ({ vault, clock } = running);
});
afterEach(async () => {
  await running.stop();
  rmSync(directory, { recursive: true });
});

test('a credential is kept while a first authorization that joined it has yet to reach its source', async () => {
  const { credentialId } = await authorize(vault, 'one');
  await authorize(vault, 'two');
  const { state } = await vault.getCredential({ credentialId });
  const disconnect = () =>
    vault.startRevocation({ credentialId, actor: undefined, seenVersion: state?.version ?? 0n });
  await expect(disconnect()).rejects.toMatchObject({ code: 'CREDENTIAL_IN_USE' });
  clock.advance(60_000);
  expect((await disconnect()).state?.status).toBe(CredentialStatus.REVOKING);
});

test('a shared grant is not revoked at the provider; the last one is, and then it is gone with a tombstone', async () => {
  const one = await authorize(vault, 'one');
  const two = await authorize(vault, 'two', { requiredScopes: ['files.read', 'files.list'] });
  expect(two.joined).toBe(false);
  await vault.startRevocation({
    credentialId: one.credentialId,
    actor: undefined,
    seenVersion: 0n,
  });
  const { revocations } = await vault.listRevocations({ limit: 10 });
  expect(revocations).toMatchObject([{ credentialId: one.credentialId, token: undefined }]);
  await vault.completeRevocation({
    credentialId: one.credentialId,
    outcome: { $case: 'revoked', value: {} },
  });
  await vault.startRevocation({
    credentialId: two.credentialId,
    actor: undefined,
    seenVersion: 0n,
  });
  expect((await vault.listRevocations({ limit: 10 })).revocations).toMatchObject([
    { token: 'planted-refresh-two' },
  ]);
  await expect(vault.getCredential({ credentialId: one.credentialId })).rejects.toMatchObject({
    code: 'CREDENTIAL_NOT_FOUND',
  });
  await vi.waitFor(() =>
    expect(
      running.published.some(({ data, subject }) => data === null && subject === one.credentialId),
    ).toBe(true),
  );
});

test('of brokers that list revocations at once, one is given each; another after a minute', async () => {
  const { credentialId } = await authorize(vault, 'one');
  await vault.startRevocation({ credentialId, actor: undefined, seenVersion: 0n });
  const listAll = async () => {
    const lists = await Promise.all([1, 2, 3].map(() => vault.listRevocations({ limit: 10 })));
    return lists.flatMap(({ revocations }) => revocations);
  };
  expect(await listAll()).toMatchObject([{ credentialId, token: 'planted-refresh-one' }]);
  expect(await listAll()).toEqual([]);
  clock.advance(60_000);
  expect(await listAll()).toMatchObject([{ credentialId }]);
});

test('a disconnect ends an open episode', async () => {
  const { credentialId } = await authorize(vault, 'one');
  await refuse(vault, credentialId);
  const { state } = await vault.startRevocation({
    credentialId,
    actor: undefined,
    seenVersion: 0n,
  });
  expect(state).toMatchObject({ status: CredentialStatus.REVOKING, episodeId: undefined });
});
