import {
  type CommitCandidateRequest,
  type CredentialVaultServiceService,
  Failure_Kind,
  AcquireLeaseRequest_Purpose as Purpose,
} from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import { durationFromMs, type RpcClient } from '@credential-renewal/rpc';
import { sampleCommit, samplePolicyMessage, sampleTokenSet } from './vault-under-test.ts';

type Vault = RpcClient<typeof CredentialVaultServiceService>;

/** What a broker asks when Ada, always the same person at the provider, has been through it. */
export const commitOfAda = (
  transactionId: string,
  overrides: Partial<CommitCandidateRequest> = {},
): CommitCandidateRequest =>
  sampleCommit(transactionId, {
    identity: { kind: 'user', key: 'ada', maskedLabel: 'a•••@orchard.example' },
    ...overrides,
  });

/** A first authorization by Ada. */
export async function authorize(
  vault: Vault,
  name: string,
  overrides: Partial<CommitCandidateRequest> = {},
) {
  await vault.storeCandidate({
    transactionId: name,
    accountId: 'acme',
    credentialId: undefined,
    tokens: sampleTokenSet(name),
  });
  const { outcome } = await vault.commitCandidate(commitOfAda(name, overrides));
  if (outcome?.$case !== 'installed') throw new Error(outcome?.$case);
  return { credentialId: outcome.value.state?.credentialId ?? '', joined: outcome.value.joined };
}

export async function lease(vault: Vault, credentialId: string) {
  const { outcome } = await vault.acquireLease({
    credentialId,
    owner: 'broker-1',
    purpose: Purpose.ON_DEMAND,
    leaseTtl: durationFromMs(25_000),
    minimumRemainingLife: durationFromMs(60_000),
  });
  if (outcome?.$case !== 'granted') throw new Error(outcome?.$case);
  return outcome.value;
}

/** A worker's token is rejected, and the refresh that follows is refused. */
export async function refuse(vault: Vault, credentialId: string) {
  await vault.reportRejectedToken({
    credentialId,
    tokenHash: (await vault.readAccessToken({ credentialId })).tokenHash,
    worker: 'sync',
  });
  const { fence, sentTokenHash } = await lease(vault, credentialId);
  const value = {
    kind: Failure_Kind.GRANT_REFUSED,
    error: 'invalid_grant',
    description: 'revoked',
    httpStatus: 400,
    retryAfter: undefined,
    answerLost: false,
    reasonCode: '',
  };
  return vault.completeAttempt({
    credentialId,
    owner: 'broker-1',
    fence,
    sentTokenHash,
    policy: samplePolicyMessage,
    outcome: { $case: 'failure', value },
  });
}
