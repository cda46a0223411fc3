import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AcquireLeaseRequest,
  type AcquireLeaseResponse,
  type CompleteAttemptRequest,
  type CompleteAttemptResponse,
  Failure_Kind,
  AcquireLeaseRequest_Purpose as Purpose,
} from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import type { Status } from '@credential-renewal/proto/google/rpc/status';
import { durationFromMs, errorFromStatusMessage } from '@credential-renewal/rpc';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  samplePolicyMessage as policy,
  sampleCommit,
  sampleTokenSet,
  startVault,
  type VaultUnderTest,
} from '../testing/vault-under-test.ts';

let directory: string;
let running: VaultUnderTest;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'vault-several-'));
  running = await startVault({ directory });
});
afterEach(async () => {
  await running.stop();
  rmSync(directory, { recursive: true });
});

const lease = (credentialId: string, owner = 'broker-1'): AcquireLeaseRequest => ({
  ...{ credentialId, owner, purpose: Purpose.SCHEDULED, attemptId: `of-${credentialId}` },
  ...{ leaseTtl: durationFromMs(25_000), minimumRemainingLife: undefined },
});

type Answer =
  | { $case: 'error'; value: Status }
  | { $case: 'lease'; value: AcquireLeaseResponse }
  | { $case: 'written'; value: CompleteAttemptResponse };

/** What was answered, in a word each: an outcome, or the code of an error. */
const words = (answers: readonly { answer?: Answer | undefined }[]) =>
  answers.map(({ answer }) => {
    switch (answer?.$case) {
      case 'error':
        return errorFromStatusMessage(answer.value).code;
      case 'lease':
        return answer.value.outcome?.$case;
      case 'written':
      case undefined:
        return answer?.$case;
      default:
        return answer satisfies never;
    }
  });

async function authorizeDue(...names: string[]): Promise<string[]> {
  const ids = await Promise.all(names.map((name) => running.authorize(name)));
  running.clock.advance(3_600_000);
  return ids;
}

async function leaseAll(credentialIds: string[]) {
  const { answers } = await running.vault.acquireLeases({
    leases: credentialIds.map((id) => lease(id)),
  });
  return answers.map(({ answer }) => {
    if (answer?.$case !== 'lease' || answer.value.outcome?.$case !== 'granted')
      throw new Error('not granted');
    return answer.value.outcome.value;
  });
}

test('each lease of a call of several is granted or refused for itself, and answered in its place', async () => {
  const { vault } = running;
  const [free = '', held = ''] = await authorizeDue('free', 'held');
  const resting = await running.authorize('resting');
  await vault.acquireLease(lease(held, 'broker-2'));
  const { answers } = await vault.acquireLeases({
    leases: [lease(held), lease('nobody'), lease(free), lease(resting), lease(free, '')],
  });
  expect(words(answers)).toEqual([
    ...['held', 'CREDENTIAL_NOT_FOUND', 'granted', 'notNeeded', 'INPUT_INVALID'],
  ]);
});

test('the leases are durable when they are answered, and the same attempts get the same ones again', async () => {
  const ids = await authorizeDue('one', 'two', 'three');
  const first = await leaseAll(ids);
  await running.stop();
  running = await startVault({ directory, clock: running.clock });
  expect(await leaseAll(ids)).toEqual(first);
  expect(
    (await running.vault.listDueCredentials({ limit: 10, excludedProviderIds: [] })).due,
  ).toEqual([]);
});

test('each outcome of a call of several is written under its own fence and token, whatever becomes of the others', async () => {
  const { vault } = running;
  const ids = await authorizeDue('works', 'renewed', 'refused', 'taken');
  const granted = await leaseAll(ids);
  const [works = '', renewed = '', refused = '', taken = ''] = ids;
  // A person was quicker with the second, and another holder with the fourth.
  await vault.storeCandidate({
    ...{ transactionId: 'newer', accountId: 'acme', credentialId: renewed },
    tokens: sampleTokenSet('newer'),
  });
  const identity = { kind: 'user', key: 'renewed', maskedLabel: 'a•••@orchard.example' };
  await vault.commitCandidate(sampleCommit('newer', { identity }));
  running.clock.advance(25_001);
  await vault.acquireLease({ ...lease(taken, 'broker-2'), purpose: Purpose.SCHEDULED });
  const failure = {
    ...{ kind: Failure_Kind.GRANT_REFUSED, error: 'invalid_grant', description: '' },
    ...{ httpStatus: 400, retryAfter: undefined, answerLost: false, reasonCode: '' },
  };
  const outcome = (index: number, value: CompleteAttemptRequest['outcome']) => ({
    ...{ credentialId: ids[index] ?? '', owner: 'broker-1', policy, outcome: value },
    fence: granted[index]?.fence ?? 0n,
    sentTokenHash: granted[index]?.sentTokenHash ?? '',
  });
  const tokens = (name: string) => ({ $case: 'tokens' as const, value: sampleTokenSet(name) });
  const { answers } = await vault.completeAttempts({
    attempts: [
      outcome(0, tokens('fresh')),
      outcome(1, tokens('late')),
      outcome(2, { $case: 'failure', value: failure }),
      outcome(3, { $case: 'failure', value: failure }),
    ],
  });
  expect(words(answers)).toEqual([
    ...['written', 'ATTEMPT_SUPERSEDED', 'written', 'ATTEMPT_SUPERSEDED'],
  ]);
  const tokenOf = async (credentialId: string) =>
    (await vault.readAccessToken({ credentialId })).accessToken;
  expect(await tokenOf(works)).toBe('planted-access-fresh');
  expect(await tokenOf(renewed)).toBe('planted-access-newer');
  await expect(tokenOf(refused)).rejects.toMatchObject({ code: 'CREDENTIAL_EXPIRED' });
  expect(await tokenOf(taken)).toBe('planted-access-taken');
});

test('a call of none or of more than ten is refused, and nothing of it is done', async () => {
  const [credentialId = ''] = await authorizeDue('one');
  const refusal = { code: 'INPUT_INVALID' };
  const leases = Array.from({ length: 11 }, () => lease(credentialId));
  await expect(running.vault.acquireLeases({ leases })).rejects.toMatchObject(refusal);
  await expect(running.vault.acquireLeases({ leases: [] })).rejects.toMatchObject(refusal);
  await expect(running.vault.completeAttempts({ attempts: [] })).rejects.toMatchObject(refusal);
  const { due } = await running.vault.listDueCredentials({ limit: 10, excludedProviderIds: [] });
  expect(due).toHaveLength(1);
});
