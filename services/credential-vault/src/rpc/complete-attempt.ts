import {
  type CompleteAttemptRequest,
  Failure_Kind,
  type Failure as FailureMessage,
  type TokenSet,
} from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import { checkInput, msFromDuration } from '@credential-renewal/rpc';
import { changeCredential, findCredential } from '../change-credential.ts';
import type { Credential } from '../credential.ts';
import { toCredentialState } from '../credential-state.ts';
import { fromPolicyMessage } from '../policy-message.ts';
import { keptFor } from '../provider-parameters.ts';
import { type Attempt, acceptFailure, acceptIdentity, acceptTokens } from '../rules/attempt.ts';
import type { Failure } from '../rules/expiry.ts';
import { sealTokens } from '../sealed-tokens.ts';
import { ruleContext, type VaultContext } from '../vault-context.ts';
import { changeByVerdict } from '../verdict-gate.ts';
import type { VaultHandlers } from './vault-handlers.ts';

/** The outcome of an attempt becomes the truth, with its events, in one conditional write. */
export function completeAttempt(vault: VaultContext): VaultHandlers['completeAttempt'] {
  return async (request) => {
    const attempt = readAttempt(request);
    const credential = await store(vault, request, attempt);
    return { state: toCredentialState(credential), kept: keptFor(credential) };
  };
}

async function store(
  vault: VaultContext,
  { credentialId, outcome }: CompleteAttemptRequest,
  attempt: Attempt,
): Promise<Credential> {
  switch (outcome?.$case) {
    case 'tokens': {
      const answer = outcome.value;
      return changeCredential(vault, credentialId, (current) =>
        acceptTokens(current, attempt, sealed(vault, current, answer), ruleContext(vault)),
      );
    }
    case 'identityConfirmed':
      return changeCredential(vault, credentialId, (current) =>
        acceptIdentity(current, attempt, ruleContext(vault)),
      );
    case 'failure': {
      const failure = fromFailureMessage(outcome.value);
      // Asked before the write because it concerns other documents; a success elsewhere a moment later is seen at the next try.
      const elsewhere =
        failure.kind === 'client_refused'
          ? await lookElsewhere(vault, credentialId)
          : { worked: 0, refused: 0 };
      return changeByVerdict(vault, credentialId, (current, handling) => {
        const rules = { ...vault.attemptRules, elsewhere, handling };
        return acceptFailure(current, attempt, failure, rules, ruleContext(vault));
      });
    }
    default:
      throw new Error('checkInput lets no other outcome through');
  }
}

function sealed(vault: VaultContext, current: Credential, answer: TokenSet) {
  const owner = { accountId: current.accountId, recordId: current.id };
  return {
    tokens: sealTokens(vault.cipher, owner, answer, current.tokens, vault.clock.nowMs()),
    grantedScopes: answer.scopes.length === 0 ? undefined : answer.scopes,
  };
}

const comparedCredentials = 200;

/**
 * Counted from a while after the first refusal of the client here, whatever trouble there was before: when the client breaks for
 * everybody, answers that were given just before are still being stored.
 */
async function lookElsewhere(vault: VaultContext, credentialId: string) {
  const { policy, accountId, clientRefusedSinceMs } = await findCredential(vault, credentialId);
  const { providerId, clientId } = policy;
  const client = { providerId, clientId, except: accountId };
  const refusedSinceMs = clientRefusedSinceMs ?? vault.clock.nowMs();
  const sinceMs = refusedSinceMs + vault.attemptRules.confirmRefusalAfterMs;
  const worked = await vault.store.accountsWorkedSince(client, sinceMs, comparedCredentials);
  const refused = await vault.store.accountsRefusingClient(client, comparedCredentials);
  return { worked: worked.length, refused: refused.length };
}

function readAttempt(request: CompleteAttemptRequest): Attempt {
  checkInput((check) => {
    check.id('credential_id', request.credentialId);
    check.id('owner', request.owner);
    check.that(
      'sent_token_hash',
      request.sentTokenHash.length === 43,
      'must be a SHA-256 in base64url',
    );
    check.that('policy', request.policy !== undefined, 'must be set');
    check.that('outcome', request.outcome !== undefined, 'must be set');
    if (request.outcome?.$case === 'tokens') {
      check.that(
        'tokens.access_token',
        request.outcome.value.accessToken !== '',
        'must not be empty',
      );
    }
    if (request.outcome?.$case === 'failure') {
      check.that(
        'failure.kind',
        request.outcome.value.kind !== Failure_Kind.UNSPECIFIED,
        'must be set',
      );
    }
  });
  return {
    owner: request.owner,
    fence: Number(request.fence),
    sentTokenHash: request.sentTokenHash,
    policy: fromPolicyMessage(request.policy),
  };
}

const failureKinds: Record<number, Failure['kind']> = {
  [Failure_Kind.GRANT_REFUSED]: 'grant_refused',
  [Failure_Kind.GRANT_REFUSED_UNCONFIRMED]: 'grant_refused_unconfirmed',
  [Failure_Kind.CLIENT_REFUSED]: 'client_refused',
  [Failure_Kind.TRANSIENT]: 'transient',
  [Failure_Kind.CLIENT_MISCONFIGURED]: 'client_misconfigured',
};

const reasonCodes = ['access_withdrawn', 'refresh_token_aged', 'admin_blocked'] as const;

function fromFailureMessage(message: FailureMessage): Failure {
  return {
    kind: failureKinds[message.kind] ?? 'transient',
    error: message.error.slice(0, 100),
    description: message.description.slice(0, 500),
    httpStatus: message.httpStatus,
    retryAfterMs: message.retryAfter && msFromDuration(message.retryAfter),
    answerLost: message.answerLost,
    reasonCode: reasonCodes.find((code) => code === message.reasonCode) ?? 'access_withdrawn',
  };
}
