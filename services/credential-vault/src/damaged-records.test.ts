import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { AcquireLeaseRequest_Purpose as Purpose } from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import { durationFromMs } from '@credential-renewal/rpc';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Credential } from './credential.ts';
import { runRotation } from './rotation/rotation-command.ts';
import {
  sampleCommit,
  sampleTokenSet,
  startVault,
  type VaultUnderTest,
} from './testing/vault-under-test.ts';

let directory: string;
let running: VaultUnderTest;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'damaged-'));
  running = await startVault({ directory });
});
afterEach(async () => {
  await running.stop();
  rmSync(directory, { recursive: true });
});

type Damage = (credential: Credential, other: Credential) => Credential['tokens'];

/** Does something to stored credentials behind the vault's back. */
async function damage(ids: readonly string[], change: Damage, otherId = ids[0]): Promise<void> {
  const { clock } = running;
  await running.stop();
  const database = new DatabaseSync(join(directory, 'vault.db'));
  const read = (id = '') =>
    JSON.parse(
      (
        database.prepare('SELECT document FROM credential WHERE id = ?').get(id) as {
          document: string;
        }
      ).document,
    ) as Credential;
  const other = read(otherId);
  for (const id of ids) {
    const credential = read(id);
    const document = JSON.stringify({ ...credential, tokens: change(credential, other) });
    database.prepare('UPDATE credential SET document = ? WHERE id = ?').run(document, id);
  }
  database.close();
  running = await startVault({ directory, clock });
}

/** The record as it lies on the disk, after the vault has stopped. */
async function recordsOnDisk(ids: readonly string[]): Promise<unknown[]> {
  const { clock } = running;
  await running.stop();
  const database = new DatabaseSync(join(directory, 'vault.db'));
  const rows = ids.map((id) => database.prepare('SELECT * FROM credential WHERE id = ?').get(id));
  database.close();
  running = await startVault({ directory, clock });
  return rows;
}

const tampered: Damage = ({ tokens }) => {
  const refreshToken = tokens.refreshToken && flip(tokens.refreshToken);
  return { ...tokens, accessToken: flip(tokens.accessToken), refreshToken };
};
const flip = <J extends { ciphertext: string }>(jwe: J): J => {
  const first = jwe.ciphertext.startsWith('A') ? 'B' : 'A';
  return { ...jwe, ciphertext: first + jwe.ciphertext.slice(1) };
};

const lease = (credentialId: string, purpose: Purpose = Purpose.SCHEDULED) =>
  running.vault.acquireLease({
    ...{ credentialId, owner: 'broker-1', purpose },
    leaseTtl: durationFromMs(25_000),
    minimumRemainingLife: durationFromMs(60_000),
  });

test.each<[string, Damage, string, string]>([
  ['tampered with', tampered, 'TOKEN_TAMPERED', 'tampered'],
  [
    'truncated',
    ({ tokens }) => ({ ...tokens, accessToken: { ...tokens.accessToken, tag: 'AAAA' } }),
    'TOKEN_MALFORMED',
    'malformed',
  ],
  ['another record’s', (_, other) => other.tokens, 'TOKEN_MOVED', 'moved'],
  [
    'under a key that nobody has',
    ({ tokens }) => {
      const header = Buffer.from(tokens.accessToken.protected, 'base64url').toString();
      const unknown = header.replace(/"kid":"[^"]*"/, '"kid":"nobody"');
      const accessToken = {
        ...tokens.accessToken,
        protected: Buffer.from(unknown).toString('base64url'),
      };
      return { ...tokens, accessToken };
    },
    'DATA_KEY_UNKNOWN',
    'unknown_key',
  ],
])(
  'tokens that are %s: a named error, an alert, the record untouched, and nobody else affected',
  async (_, change, code, reason) => {
    const broken = await running.authorize('broken');
    const sound = await running.authorize('sound');
    await damage([broken], change, sound);
    const before = await recordsOnDisk([broken]);
    running.clock.advance(3_600_000);

    await expect(running.vault.readAccessToken({ credentialId: broken })).rejects.toMatchObject({
      code,
    });
    await expect(lease(broken)).rejects.toMatchObject({ code });
    const failures = { name: 'credential_vault_decrypt_failures_total', labels: { reason } };
    expect(await running.metric(failures.name, failures.labels)).toBe(2);
    expect(running.log().match(/a stored token cannot be opened/g)).toHaveLength(1);
    expect(running.log()).toContain(broken);

    expect((await lease(sound)).outcome?.$case).toBe('granted');
    expect(await recordsOnDisk([broken])).toEqual(before);
    const { state } = await running.vault.getCredential({ credentialId: broken });
    expect(state?.episodeId).toBeUndefined();
  },
);

test('a renewal by a person mends a record that cannot be opened', async () => {
  const credentialId = await running.authorize('broken');
  await damage([credentialId], tampered);
  expect((await lease(credentialId, Purpose.RENEWAL)).outcome?.$case).toBe('granted');
  await running.vault.storeCandidate({
    ...{ transactionId: 'renewal', accountId: 'acme', credentialId },
    tokens: sampleTokenSet('renewed'),
  });
  const identity = { kind: 'user', key: 'broken', maskedLabel: 'a•••' };
  const { outcome } = await running.vault.commitCandidate(sampleCommit('renewal', { identity }));
  expect(outcome?.$case).toBe('installed');
  const { accessToken } = await running.vault.readAccessToken({ credentialId });
  expect(accessToken).toBe('planted-access-renewed');
});

test('however many cannot be opened, those that can are refreshed and revoked in their turn', async () => {
  const broken: string[] = [];
  for (let index = 0; index < 30; index++) broken.push(await running.authorize(`b-${index}`));
  const sound = [await running.authorize('s-1'), await running.authorize('s-2')];
  const revoke = (credentialId: string) =>
    running.vault.startRevocation({ credentialId, actor: undefined, seenVersion: 0n });
  running.clock.advance(120_000);
  for (const id of broken.slice(20)) await revoke(id);
  await revoke(sound[1] ?? '');
  await damage(broken, tampered);
  running.clock.advance(3_600_000);

  await vi.waitFor(async () => {
    const { due } = await running.vault.listDueCredentials({ limit: 5, excludedProviderIds: [] });
    for (const { credentialId } of due) await lease(credentialId).catch(() => undefined);
    expect(due.map(({ credentialId }) => credentialId)).toContain(sound[0]);
  });
  await vi.waitFor(async () => {
    const { revocations } = await running.vault.listRevocations({ limit: 3 });
    expect(revocations).toMatchObject([{ credentialId: sound[1], token: 'planted-refresh-s-2' }]);
  });
});

test('a rotation moves all that can be opened, says how many cannot, and a newer key can still be had', async () => {
  const names = Array.from({ length: 130 }, (_, index) => `b-${index}`);
  const broken = await Promise.all(names.map((name) => running.authorize(name)));
  const sound = await running.authorize('sound');
  await damage(broken, tampered);
  const before = await recordsOnDisk(broken);
  const told: string[] = [];
  const rotate = (evenIfUnfinished: boolean) =>
    runRotation(
      { kind: 'data_key', evenIfUnfinished },
      {
        vault: running.keys,
        write: (line) => told.push(line),
        pollMs: 10,
        patienceMs: 1_500,
      },
    );
  expect(await rotate(false)).toBe(1);
  expect(told.at(-1)).toMatch(/^130 credentials could not be moved/);
  expect(await rotate(false)).toBe(1);
  expect(told).toContainEqual(expect.stringMatching(/so no newer one was made/));
  expect(await rotate(true)).toBe(1);
  expect((await running.keys.getKeys({})).dataKeys).toHaveLength(3);
  expect(await running.vault.readAccessToken({ credentialId: sound })).toMatchObject({
    accessToken: 'planted-access-sound',
  });
  expect(await recordsOnDisk(broken)).toEqual(before);
});
