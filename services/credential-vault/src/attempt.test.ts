import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure_Kind } from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import { CredentialStatus } from '@credential-renewal/proto/events/v1/credential';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { authorize, commitOfAda, lease } from './testing/broker-steps.ts';
import {
  samplePolicyMessage,
  sampleTokenSet,
  startVault,
  type VaultUnderTest,
} from './testing/vault-under-test.ts';

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

test('new tokens are stored before anybody reads them, and an overtaken attempt is refused', async () => {
  const { credentialId } = await authorize(vault, 'one');
  clock.advance(3_600_000);
  const { fence, sentTokenHash, refreshToken } = await lease(vault, credentialId);
  expect(refreshToken).toBe('planted-refresh-one');
  const complete = (name: string) =>
    vault.completeAttempt({
      credentialId,
      owner: 'broker-1',
      fence,
      sentTokenHash,
      policy: samplePolicyMessage,
      outcome: { $case: 'tokens', value: sampleTokenSet(name) },
    });
  await complete('two');
  expect((await vault.readAccessToken({ credentialId })).accessToken).toBe('planted-access-two');
  await complete('two');
  await vault.storeCandidate({
    transactionId: 'renewal',
    accountId: 'acme',
    credentialId,
    tokens: sampleTokenSet('renewed'),
  });
  await vault.commitCandidate(commitOfAda('renewal'));
  await expect(complete('three')).rejects.toMatchObject({ code: 'ATTEMPT_SUPERSEDED' });
});

test('what a provider told beside its tokens is told to workers, stays when a refresh does not repeat it, and goes with the grant', async () => {
  const told = (kept: Record<string, string>, name: string) => ({ ...sampleTokenSet(name), kept });
  const keptNow = async () => (await vault.readAccessToken({ credentialId })).kept;
  const { credentialId } = await authorize(vault, 'one');
  expect(await keptNow()).toEqual({});
  async function refresh(kept: Record<string, string>, name: string) {
    clock.advance(3_600_000);
    const { fence, sentTokenHash } = await lease(vault, credentialId);
    const attempt = {
      credentialId,
      owner: 'broker-1',
      fence,
      sentTokenHash,
      policy: samplePolicyMessage,
    };
    return vault.completeAttempt({
      ...{ ...attempt, outcome: { $case: 'tokens', value: told(kept, name) } },
    });
  }
  const first = { instanceUrl: 'https://acme.example', podId: '7' };
  await refresh(first, 'two');
  expect(await keptNow()).toEqual(first);
  const moved = { instanceUrl: 'https://acme-2.example' };
  expect((await refresh(moved, 'three')).kept).toEqual({ ...first, ...moved });
  await vault.storeCandidate({
    ...{ transactionId: 'renewal', accountId: 'acme', credentialId, tokens: told(moved, 'new') },
  });
  await vault.commitCandidate(commitOfAda('renewal'));
  expect(await keptNow()).toEqual(moved);
});

test('a client that broke for everybody expires nobody who was in other trouble before, or failed a moment earlier', async () => {
  const { credentialId } = await authorize(vault, 'of-acme');
  const fail = async (kind: Failure_Kind) => {
    clock.advance(3_600_000);
    const { fence, sentTokenHash } = await lease(vault, credentialId);
    const value = {
      ...{ kind, error: 'e', description: '', httpStatus: 400, reasonCode: '' },
      ...{ retryAfter: undefined, answerLost: false },
    };
    const { state } = await vault.completeAttempt({
      ...{ credentialId, owner: 'broker-1', fence, sentTokenHash, policy: samplePolicyMessage },
      outcome: { $case: 'failure', value },
    });
    return state?.status;
  };
  const worksFor = async (name: string) => {
    const transactionId = `of-globex-${name}`;
    const candidate = {
      accountId: 'globex',
      credentialId: undefined,
      tokens: sampleTokenSet(name),
    };
    await vault.storeCandidate({ transactionId, ...candidate });
    const identity = { kind: 'user', key: name, maskedLabel: 'g•••' };
    await vault.commitCandidate(commitOfAda(transactionId, { identity }));
  };
  expect(await fail(Failure_Kind.TRANSIENT)).toBe(CredentialStatus.DELAYED);
  await worksFor('before-the-client-broke');
  expect(await fail(Failure_Kind.CLIENT_REFUSED)).toBe(CredentialStatus.DELAYED);
  await worksFor('asked-before-it-broke-and-stored-after');
  expect(await fail(Failure_Kind.CLIENT_REFUSED)).toBe(CredentialStatus.DELAYED);
  await worksFor('a-while-later');
  expect(await fail(Failure_Kind.CLIENT_REFUSED)).toBe(CredentialStatus.EXPIRED);
});
