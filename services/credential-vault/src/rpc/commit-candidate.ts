import type {
  CommitCandidateRequest,
  CommitCandidateResponse,
} from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import { checkInput } from '@credential-renewal/rpc';
import { changeCredential, findCredential } from '../change-credential.ts';
import { needsRenewal } from '../credential.ts';
import { recordChange } from '../credential-events.ts';
import { fromActorMessage, toCredentialState } from '../credential-state.ts';
import { CandidateNotFoundError } from '../errors.ts';
import { joinKey, newCredential } from '../new-credential.ts';
import { fromPolicyMessage } from '../policy-message.ts';
import { type InstallAnswer, installCandidate, type VerifiedCandidate } from '../rules/renewal.ts';
import { resealTokens } from '../sealed-tokens.ts';
import type { Candidate, CandidateOutcome } from '../store/candidate-store.ts';
import { ruleContext, type VaultContext } from '../vault-context.ts';
import { candidateRecordId } from './store-candidate.ts';
import type { VaultHandlers } from './vault-handlers.ts';

type OpenCandidate = Candidate & { tokens: NonNullable<Candidate['tokens']> };

/**
 * Installs verified tokens, or says why not. Two documents are involved, one after the other: the credential first (it
 * remembers the transaction, so doing it again does nothing), then the candidate, which from then on holds only the answer.
 */
export function commitCandidate(vault: VaultContext): VaultHandlers['commitCandidate'] {
  return async (request) => {
    check(request);
    const candidate = await vault.candidates.find(request.transactionId);
    if (!candidate) throw new CandidateNotFoundError(request.transactionId);
    if (candidate.settled) return toResponse(vault, candidate.settled);
    const { tokens } = candidate;
    if (!tokens) throw new CandidateNotFoundError(request.transactionId);
    const open = { ...candidate, tokens };
    const outcome =
      open.credentialId === undefined
        ? await commitFirst(vault, open, request)
        : await commitRenewal(vault, open, open.credentialId, request);
    await vault.candidates.settle(request.transactionId, outcome);
    return toResponse(vault, outcome);
  };
}

async function commitRenewal(
  vault: VaultContext,
  candidate: OpenCandidate,
  credentialId: string,
  request: CommitCandidateRequest,
): Promise<CandidateOutcome> {
  const unnamed = await verify(vault, candidate, credentialId, request);
  const verified = {
    ...unnamed,
    joinKey: await freeJoinKey(vault, candidate.accountId, credentialId, unnamed),
  };
  let answer: InstallAnswer | undefined;
  let deadSinceMs: number | undefined;
  const credential = await changeCredential(vault, credentialId, (current) => {
    answer = installCandidate(current, verified, ruleContext(vault));
    deadSinceMs = needsRenewal(current) ? current.unusableSinceMs : undefined;
    return 'credential' in answer ? answer.credential : undefined;
  });
  switch (answer?.kind) {
    case 'wrong_identity':
      return {
        kind: 'wrong_identity',
        expectedMaskedLabel: credential.identity.maskedLabel,
        actualMaskedLabel: verified.identity.maskedLabel,
      };
    case 'insufficient_scope':
      return {
        kind: 'insufficient_scope',
        missingScopes: verified.missingScopes,
        installedCredentialId: answer.credential && credentialId,
      };
    case 'already_installed':
      return credential.missingScopes.length === 0
        ? { kind: 'installed', credentialId, joined: false }
        : {
            kind: 'insufficient_scope',
            missingScopes: credential.missingScopes,
            installedCredentialId: credentialId,
          };
    case 'installed':
    case undefined:
      if (answer && deadSinceMs !== undefined)
        vault.metrics.renewed(credential.policy.providerId, vault.clock.nowMs() - deadSinceMs);
      return { kind: 'installed', credentialId, joined: false };
    default:
      return answer satisfies never;
  }
}

/** A second authorization of the same grant joins the credential that is there: providers cap or revoke parallel grants. */
async function commitFirst(
  vault: VaultContext,
  candidate: OpenCandidate,
  request: CommitCandidateRequest,
): Promise<CandidateOutcome> {
  const id = candidate.newCredentialId;
  const verified = await verify(vault, candidate, id, request);
  if (verified.missingScopes.length > 0) {
    return {
      kind: 'insufficient_scope',
      missingScopes: verified.missingScopes,
      installedCredentialId: undefined,
    };
  }
  const key = joinKey(candidate.accountId, verified);
  const existing = await vault.store.findByJoinKey(key);
  if (existing && existing.id !== id) {
    const joined = await commitRenewal(vault, candidate, existing.id, request);
    return joined.kind === 'installed' ? { ...joined, joined: true } : joined;
  }
  const fresh = newCredential(id, candidate.accountId, verified, ruleContext(vault));
  const { credential, events } = recordChange(undefined, fresh, vault.clock.nowMs());
  if (await vault.store.insert(credential, events)) {
    vault.published();
    return { kind: 'installed', credentialId: id, joined: false };
  }
  // Taken: by ourselves before a crash, or by another first authorization a moment ago.
  const taken = await vault.store.findByJoinKey(key);
  if (taken && taken.id !== id) return commitRenewal(vault, candidate, taken.id, request);
  return { kind: 'installed', credentialId: id, joined: false };
}

/**
 * Looked up beforehand, so a first authorization may take it a moment later: then the write fails on the unique key, and the
 * broker's sweep commits the candidate again.
 */
async function freeJoinKey(
  vault: VaultContext,
  accountId: string,
  credentialId: string,
  verified: Parameters<typeof joinKey>[1],
): Promise<string | undefined> {
  const key = joinKey(accountId, verified);
  const holder = await vault.store.findByJoinKey(key);
  return holder === undefined || holder.id === credentialId ? key : undefined;
}

async function verify(
  vault: VaultContext,
  candidate: OpenCandidate,
  credentialId: string,
  request: CommitCandidateRequest,
): Promise<Omit<VerifiedCandidate, 'joinKey'>> {
  const { accountId, transactionId } = candidate;
  return {
    transactionId,
    identity: {
      kind: request.identity?.kind ?? '',
      key: request.identity?.key ?? '',
      maskedLabel: request.identity?.maskedLabel ?? '',
    },
    requiredScopes: request.requiredScopes,
    grantedScopes: request.grantedScopes,
    missingScopes: request.missingScopes,
    switchIdentity: request.switchIdentity,
    firstAuthorization: candidate.credentialId === undefined,
    tokens: await resealTokens(
      vault.cipher,
      candidate.tokens,
      { accountId, recordId: candidateRecordId(transactionId) },
      { accountId, recordId: credentialId },
    ),
    parameters: request.parameters?.values,
    actor: fromActorMessage(request.actor),
    policy: fromPolicyMessage(request.policy),
  };
}

async function toResponse(
  vault: VaultContext,
  outcome: CandidateOutcome,
): Promise<CommitCandidateResponse> {
  const stateOf = async (id: string) => toCredentialState(await findCredential(vault, id));
  switch (outcome.kind) {
    case 'installed': {
      const state = await stateOf(outcome.credentialId);
      return { outcome: { $case: 'installed', value: { state, joined: outcome.joined } } };
    }
    case 'wrong_identity': {
      const { expectedMaskedLabel, actualMaskedLabel } = outcome;
      return {
        outcome: { $case: 'wrongIdentity', value: { expectedMaskedLabel, actualMaskedLabel } },
      };
    }
    case 'insufficient_scope': {
      const { installedCredentialId: id, missingScopes } = outcome;
      const installed = id === undefined ? undefined : await stateOf(id);
      return { outcome: { $case: 'insufficientScope', value: { missingScopes, installed } } };
    }
    default:
      return outcome satisfies never;
  }
}

function check(request: CommitCandidateRequest): void {
  checkInput((input) => {
    input.id('transaction_id', request.transactionId);
    input.that(
      'identity.kind',
      ['user', 'tenant'].includes(request.identity?.kind ?? ''),
      'must be user or tenant',
    );
    input.text('identity.key', request.identity?.key ?? '', { maxLength: 500 });
    input.that('policy', request.policy !== undefined, 'must be set');
  });
}
