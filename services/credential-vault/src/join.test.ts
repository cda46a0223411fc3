import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { authorize, commitOfAda } from './testing/broker-steps.ts';
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

const wide = {
  requiredScopes: ['files.read', 'files.comment'],
  grantedScopes: ['files.read', 'files.comment'],
};

async function renew(name: string, credentialId: string, overrides = {}) {
  const candidate = { accountId: 'acme', credentialId, tokens: sampleTokenSet(name) };
  await vault.storeCandidate({ transactionId: name, ...candidate });
  return (await vault.commitCandidate(commitOfAda(name, overrides))).outcome?.$case;
}

const scopesOf = async (credentialId: string) =>
  (await vault.getCredential({ credentialId })).requiredScopes;

test('a credential that was granted more is joined by who needs as much, and never overwritten by who needs less', async () => {
  const { credentialId } = await authorize(vault, 'one');
  expect(await renew('more', credentialId, wide)).toBe('installed');
  const fewer = await authorize(vault, 'two');
  expect(fewer).toMatchObject({ joined: false });
  expect(await scopesOf(credentialId)).toEqual(wide.requiredScopes);
  expect(await authorize(vault, 'three', wide)).toEqual({ credentialId, joined: true });
  expect(await authorize(vault, 'four')).toEqual({
    credentialId: fewer.credentialId,
    joined: true,
  });
});

test('of two credentials that came to be of the same grant each lives on, and one is joined', async () => {
  const { credentialId } = await authorize(vault, 'one');
  const wider = await authorize(vault, 'two', wide);
  expect(wider.joined).toBe(false);
  expect(await renew('more', credentialId, wide)).toBe('installed');
  expect(await scopesOf(credentialId)).toEqual(wide.requiredScopes);
  expect(await authorize(vault, 'three', wide)).toEqual({ ...wider, joined: true });
  expect(await authorize(vault, 'four')).toMatchObject({ joined: false });
  // Once the other is gone, it is the one to join.
  running.clock.advance(61_000);
  const { state } = await vault.getCredential({ credentialId: wider.credentialId });
  const seenVersion = state?.version ?? 0n;
  await vault.startRevocation({ ...wider, actor: undefined, seenVersion });
  expect(await renew('again', credentialId, wide)).toBe('installed');
  expect(await authorize(vault, 'five', wide)).toEqual({ credentialId, joined: true });
});
