import {
  Actor_Kind,
  type CredentialState,
  CredentialStatus,
} from '@credential-renewal/proto/events/v1/credential';
import { DomainError } from '@credential-renewal/runtime';
import type { BrokerContext } from '../broker-context.ts';
import { credentialPolicyOf } from '../catalogue/credential-policy.ts';
import type { ProviderClient } from '../provider/provider-client.ts';
import { retryUnavailable } from '../retry-unavailable.ts';
import { type Authorization, clientOf, type Outcome } from './authorization.ts';
import { dropAndFail, endAuthorization, failAuthorization } from './end-authorization.ts';
import type { FailureCode } from './outcome.ts';

/**
 * Has the vault install the verified candidate, tells the registry before anybody is sent back (a page must not be red
 * after a success), and writes the outcome down. The vault answers the same to the same transaction, so a crash between
 * any two of these steps is mended by doing them again.
 */
export async function commitGrant(
  broker: BrokerContext,
  client: ProviderClient,
  authorization: Authorization,
): Promise<Authorization> {
  const { id, verified } = authorization;
  if (!verified) throw new Error(`the authorization ${id} is not verified`);
  const answer = await retry(broker, () =>
    broker.vault.commitCandidate({
      transactionId: id,
      identity: verified.identity,
      requiredScopes: authorization.requiredScopes,
      grantedScopes: verified.grantedScopes,
      missingScopes: verified.missingScopes,
      switchIdentity: authorization.switchIdentity,
      parameters: clientOf(authorization).parameters,
      actor: { kind: Actor_Kind.USER, id: authorization.userId },
      policy: credentialPolicyOf(client.provider, broker.config.identityCheckIntervalMs),
    }),
  ).catch((error: unknown) => goneCode(error));
  if (typeof answer === 'string') return dropAndFail(broker, authorization, answer);
  const { outcome } = answer;
  switch (outcome?.$case) {
    case undefined:
      throw new Error('the vault committed a candidate without saying what came of it');
    case 'installed':
      return install(broker, authorization, outcome.value, 'succeeded', {});
    case 'insufficientScope': {
      const { missingScopes, installed } = outcome.value;
      if (installed)
        return install(
          broker,
          authorization,
          { state: installed, joined: true },
          'insufficient_scope',
          { missingScopes },
        );
      await broker.vault.dropCandidate({ transactionId: id });
      const formerGrantStays = authorization.credentialId !== undefined;
      return finish(broker, authorization, 'insufficient_scope', {
        ...{ missingScopes, formerGrantStays },
      });
    }
    case 'wrongIdentity': {
      await broker.vault.dropCandidate({ transactionId: id });
      return finish(broker, authorization, 'wrong_account', {
        expectedAccount: outcome.value.expectedMaskedLabel,
        actualAccount: outcome.value.actualMaskedLabel,
      });
    }
    default:
      return outcome satisfies never;
  }
}

/** What is missing for a commit, and stays so; any other error is thrown on. */
function goneCode(error: unknown): FailureCode {
  if (!(error instanceof DomainError)) throw error;
  switch (error.code) {
    case 'CANDIDATE_NOT_FOUND':
      return 'INTERRUPTED';
    case 'CREDENTIAL_NOT_FOUND':
    case 'CREDENTIAL_REVOKING':
      return 'CREDENTIAL_GONE';
    default:
      throw error;
  }
}

async function install(
  broker: BrokerContext,
  authorization: Authorization,
  { state, joined }: { state: CredentialState | undefined; joined: boolean },
  status: 'succeeded' | 'insufficient_scope',
  outcome: Outcome,
): Promise<Authorization> {
  if (!state) throw new Error('the vault installed a candidate without saying its state');
  const { credentialId, use } = authorization;
  // It was taken up so late that what it had joined is being disconnected.
  if (joined && state.status === CredentialStatus.REVOKING)
    return failAuthorization(broker, authorization, 'INTERRUPTED');
  broker.tokens.drop(state.credentialId, state.version);
  broker.targets.dropCredential(state.credentialId);
  if (state.credentialId === credentialId) {
    // The event brings the same state a moment later, so a registry that is down does not stop this.
    await retry(broker, () =>
      broker.registry.applyCredentialState({
        state,
        accountSwitched: authorization.switchIdentity,
      }),
    ).catch((err: unknown) => {
      broker.logger.warn({ err, authorization_id: authorization.id }, 'the registry lags behind');
    });
    return finish(broker, authorization, status, outcome);
  }
  try {
    await retry(broker, () =>
      broker.registry.attachCredential({
        use:
          use.kind === 'source'
            ? { $case: 'sourceId', value: use.id }
            : { $case: 'authorizedConnectionId', value: use.id },
        state,
      }),
    );
  } catch (error) {
    if (!(error instanceof DomainError) || error.kind !== 'not_found') throw error;
    // Nothing uses the new credential; one that was joined has other uses.
    if (!joined) {
      const { credentialId: unused, actor, version } = state;
      await broker.vault.startRevocation({ credentialId: unused, actor, seenVersion: version });
      broker.revocationDue();
    }
    return failAuthorization(broker, authorization, 'SOURCE_GONE');
  }
  if (use.kind === 'source') broker.targets.dropSource(use.id);
  return finish(broker, authorization, status, outcome);
}

function finish(
  broker: BrokerContext,
  authorization: Authorization,
  status: 'succeeded' | 'insufficient_scope' | 'wrong_account',
  outcome: Outcome,
): Promise<Authorization> {
  const { verified, providerAccount } = authorization;
  const account =
    status === 'wrong_account' ? providerAccount : (verified?.identity.maskedLabel ?? '');
  return endAuthorization(broker, authorization, status, outcome, { providerAccount: account });
}

function retry<T>(broker: BrokerContext, work: () => Promise<T>): Promise<T> {
  return retryUnavailable(work, {
    attempts: 4,
    baseMs: 100,
    maxMs: 1_000,
    random: broker.random,
  });
}
