import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CredentialStatus } from '@credential-renewal/proto/events/v1/credential';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { authorize, commitOfAda, refuse } from './testing/broker-steps.ts';
import { sampleTokenSet, startVault, type VaultUnderTest } from './testing/vault-under-test.ts';

let directory: string;
let running: VaultUnderTest;
let vault: VaultUnderTest['vault'];

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'vault-'));
  running = await startVault({ directory });
  ({ vault } = running);
});
afterEach(async () => {
  await running.stop();
  rmSync(directory, { recursive: true });
});

const typesOf = () => running.published.map(({ type }) => type);

test('a death is published once, with its evidence, and a renewal closes that episode', async () => {
  const { credentialId } = await authorize(vault, 'one');
  const { state } = await refuse(vault, credentialId);
  expect(state).toMatchObject({
    status: CredentialStatus.EXPIRED,
    reason: { code: 'access_withdrawn' },
  });
  await vault.storeCandidate({
    transactionId: 'two',
    accountId: 'acme',
    credentialId,
    tokens: sampleTokenSet('two'),
  });
  const { outcome } = await vault.commitCandidate(commitOfAda('two'));
  expect(outcome).toMatchObject({
    $case: 'installed',
    value: { joined: false, state: { status: CredentialStatus.HEALTHY } },
  });
  await vi.waitFor(() => expect(typesOf()).toContain('credential.renewed'));
  expect(typesOf().filter((type) => type === 'credential.expired')).toHaveLength(1);
  const expired = running.published.find(({ type }) => type === 'credential.expired');
  expect(expired?.data).toMatchObject({
    episodeId: state?.episodeId,
    reason: { evidence: { error: 'invalid_grant', httpStatus: 400 } },
  });
  const states = running.published.filter(({ type }) => type === 'credential.state');
  expect(states.map(({ sequence }) => Number(sequence))).toEqual([1, 2, 3]);
});

test('the same commit twice gives the same answer and changes nothing', async () => {
  await vault.storeCandidate({
    transactionId: 'one',
    accountId: 'acme',
    credentialId: undefined,
    tokens: sampleTokenSet('one'),
  });
  const first = await vault.commitCandidate(commitOfAda('one'));
  expect(await vault.commitCandidate(commitOfAda('one'))).toEqual(first);
});

test('a second authorization of the same provider identity joins the credential that is there', async () => {
  const first = await authorize(vault, 'one');
  expect(await authorize(vault, 'two')).toEqual({ credentialId: first.credentialId, joined: true });
  const { accessToken } = await vault.readAccessToken({ credentialId: first.credentialId });
  expect(accessToken).toBe('planted-access-two');
});

test('another identity leaves the stored tokens untouched and names both accounts, masked', async () => {
  const { credentialId } = await authorize(vault, 'one');
  await vault.storeCandidate({
    transactionId: 'two',
    accountId: 'acme',
    credentialId,
    tokens: sampleTokenSet('two'),
  });
  const stranger = { kind: 'user', key: 'max', maskedLabel: 'm•••@orchard.example' };
  const { outcome } = await vault.commitCandidate(commitOfAda('two', { identity: stranger }));
  expect(outcome).toEqual({
    $case: 'wrongIdentity',
    value: {
      expectedMaskedLabel: 'a•••@orchard.example',
      actualMaskedLabel: 'm•••@orchard.example',
    },
  });
  expect((await vault.readAccessToken({ credentialId })).accessToken).toBe('planted-access-one');
});

test('what credentials were granted is told by account, and telling it changes and publishes nothing', async () => {
  const one = await authorize(vault, 'one');
  const two = await authorize(vault, 'two', {
    identity: { kind: 'user', key: 'max', maskedLabel: 'm•••@orchard.example' },
    requiredScopes: ['files.read', 'offline'],
  });
  const credentialIds = [one.credentialId, two.credentialId, 'nobody'];
  const before = await vault.getCredential({ credentialId: one.credentialId });
  expect(before.requiredScopes).toEqual(['files.read']);
  const { grants } = await vault.listGrantedScopes({ accountId: 'acme', credentialIds });
  const granted = (credentialId: string, requiredScopes: string[]) => ({
    ...{ credentialId, requiredScopes, grantedScopes: ['files.read'] },
    ...{ providerId: 'orchard', status: CredentialStatus.HEALTHY },
  });
  expect(grants).toHaveLength(2);
  expect(grants).toEqual(
    expect.arrayContaining([
      granted(one.credentialId, ['files.read']),
      granted(two.credentialId, ['files.read', 'offline']),
    ]),
  );
  expect(await vault.listGrantedScopes({ accountId: 'globex', credentialIds })).toEqual({
    grants: [],
  });
  expect(await vault.getCredential({ credentialId: one.credentialId })).toEqual(before);
  await expect(
    vault.listGrantedScopes({ accountId: 'acme', credentialIds: Array(201).fill('a') }),
  ).rejects.toMatchObject({ violations: [{ field: 'credential_ids' }] });
});
