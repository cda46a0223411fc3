import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import {
  sampleCommit,
  sampleTokenSet,
  startVault,
  type VaultUnderTest,
} from './testing/vault-under-test.ts';

const hint = 'planted-hint-of-ada';
const hints = { parameters: { login_hint: hint } };
let directory: string;
let running: VaultUnderTest;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'hints-'));
  running = await startVault({ directory });
});
afterEach(async () => {
  await running.stop();
  rmSync(directory, { recursive: true });
});

/** An authorization whose ID token had a hint, or had none. */
async function authorize(
  transactionId: string,
  { credentialId, ...tokens }: { credentialId?: string; hints?: typeof hints } = {},
): Promise<string> {
  const { vault } = running;
  await vault.storeCandidate({
    ...{ transactionId, accountId: 'acme', credentialId },
    tokens: { ...sampleTokenSet(transactionId), ...tokens },
  });
  const identity = { kind: 'user', key: 'ada', maskedLabel: 'a•••@orchard.example' };
  const { outcome } = await vault.commitCandidate(sampleCommit(transactionId, { identity }));
  if (outcome?.$case !== 'installed') throw new Error(outcome?.$case);
  return outcome.value.state?.credentialId ?? '';
}

const hintsOf = async (credentialId: string) =>
  (await running.vault.getCredential({ credentialId, withHints: true })).hints;

test('hints are told to whoever asks for them, and to nobody else', async () => {
  const credentialId = await authorize('first', { hints });
  expect(await hintsOf(credentialId)).toEqual(hints);
  expect((await running.vault.getCredential({ credentialId })).hints).toBeUndefined();
});

test('they are in no file, event or log in the clear', async () => {
  const credentialId = await authorize('first', { hints });
  running.clock.advance(3_600_000);
  await running.attempt(credentialId, 'refused');
  await hintsOf(credentialId);
  await vi.waitFor(() => expect(running.published).not.toEqual([]));
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.db/.test(name),
  );
  const stored = files.map((name) => readFileSync(join(directory, name), 'latin1')).join('');
  expect(stored).toContain(credentialId);
  const told = `${running.log()}${JSON.stringify(running.published, (_, value) => (typeof value === 'bigint' ? String(value) : value))}`;
  expect(told).toContain(credentialId);
  for (const place of [stored, told]) {
    expect(place).not.toContain(hint);
    expect(place).not.toContain(Buffer.from(hint).toString('base64url').slice(0, 20));
  }
});

test('a refresh leaves them, a death leaves them for the renewal, and that brings its own or none', async () => {
  const credentialId = await authorize('first', { hints });
  running.clock.advance(3_600_000);
  await running.attempt(credentialId, 'works');
  running.clock.advance(3_600_000);
  await running.attempt(credentialId, 'refused');
  expect(await hintsOf(credentialId)).toEqual(hints);
  const newer = { parameters: { login_hint: 'planted-newer-hint' } };
  await authorize('renewal', { credentialId, hints: newer });
  expect(await hintsOf(credentialId)).toEqual(newer);
  await authorize('second-renewal', { credentialId });
  expect(await hintsOf(credentialId)).toBeUndefined();
});

test('they move to a new data key with the tokens, so that the old one can go', async () => {
  const credentialId = await authorize('first', { hints });
  await running.keys.addDataKey({ evenIfUnfinished: false });
  await vi.waitFor(async () => expect((await running.keys.getKeys({})).recordsToMove).toBe(0));
  await running.keys.retireDataKeys({});
  running.clock.advance(11 * 60_000);
  await running.keys.retireDataKeys({});
  expect((await running.keys.getKeys({})).dataKeys).toHaveLength(1);
  expect(await hintsOf(credentialId)).toEqual(hints);
});

test('they are gone with the credential', async () => {
  const credentialId = await authorize('first', { hints });
  const { vault } = running;
  await vault.startRevocation({ credentialId, actor: undefined, seenVersion: 0n });
  await vault.completeRevocation({ credentialId, outcome: { $case: 'revoked', value: {} } });
  await expect(hintsOf(credentialId)).rejects.toMatchObject({ code: 'CREDENTIAL_NOT_FOUND' });
});
