import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { authorize, refuse } from './testing/broker-steps.ts';
import { startVault, type VaultUnderTest } from './testing/vault-under-test.ts';
import { tokenHash } from './token-hash.ts';

let directory: string;
let running: VaultUnderTest;
let vault: VaultUnderTest['vault'];

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'vault-'));
  await start();
});
afterEach(async () => {
  await running.stop();
  rmSync(directory, { recursive: true });
});

async function start() {
  running = await startVault({ directory });
  ({ vault } = running);
}

const typesOf = () => running.published.map(({ type }) => type);

test('tokens of a first authorization are read back, and survive a restart', async () => {
  const { credentialId } = await authorize(vault, 'one');
  await running.stop();
  await start();
  const read = await vault.readAccessToken({ credentialId });
  expect(read).toMatchObject({
    accessToken: 'planted-access-one',
    accountId: 'acme',
    rejected: false,
  });
  expect(read.tokenHash).toBe(tokenHash('planted-access-one'));
});

test('no token stands in any file, event or log line', async () => {
  const { credentialId } = await authorize(vault, 'canary');
  await refuse(vault, credentialId);
  await vi.waitFor(() => expect(typesOf()).toContain('credential.expired'));
  await running.stop();
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  expect(files.length).toBeGreaterThan(2);
  for (const file of files) {
    const bytes = readFileSync(join(file.parentPath, file.name), 'latin1');
    expect(bytes.includes('planted-'), file.name).toBe(false);
  }
  expect(running.log()).not.toContain('planted-');
  await start();
});

test('bad input is refused by field', async () => {
  await expect(vault.getCredential({ credentialId: '../etc' })).rejects.toMatchObject({
    kind: 'invalid_argument',
    violations: [{ field: 'credential_id' }],
  });
  await expect(
    vault.listDueCredentials({ limit: 0, excludedProviderIds: [] }),
  ).rejects.toMatchObject({
    violations: [{ field: 'limit' }],
  });
});
