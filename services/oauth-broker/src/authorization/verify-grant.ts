import { DomainError } from '@credential-renewal/runtime';
import type { BrokerContext } from '../broker-context.ts';
import type { IdentityEntry } from '../catalogue/catalogue-schema.ts';
import { missingScopes } from '../catalogue/scopes.ts';
import { ProviderUnavailableError } from '../errors.ts';
import { askIdentity, hasIdentityCall, type IdentityAnswer } from '../provider/identity.ts';
import type { ProviderClient } from '../provider/provider-client.ts';
import { isUnavailable, retryUnavailable } from '../retry-unavailable.ts';
import { type Authorization, clientOf, type ProviderIdentity, verify } from './authorization.ts';
import { commitGrant } from './commit-grant.ts';
import { dropAndFail } from './end-authorization.ts';
import { placedKey } from './identity-key.ts';
import { identityRuleOf } from './identity-rule.ts';
import type { FailureCode } from './outcome.ts';

/**
 * Finds out whose the candidate's tokens are and commits them (semantics 17 to 19). Every step may be done again: a sweep
 * calls this for what a crash or an outage left behind, and asks nobody for a second consent.
 */
export async function verifyGrant(
  broker: BrokerContext,
  authorization: Authorization,
  /** How often the provider is asked while it does not answer: a person waits, or the next sweep comes anyway. */
  identityCalls = 4,
): Promise<Authorization> {
  const client = broker.clients(clientOf(authorization));
  if (!client) return dropAndFail(broker, authorization, 'PROVIDER_CHANGED');
  try {
    const verified = authorization.verified
      ? authorization
      : await identify(broker, client, authorization, identityCalls);
    return verified.status === 'verifying' ? await commitGrant(broker, client, verified) : verified;
  } catch (err) {
    if (!isUnavailable(err)) throw err;
    broker.logger.warn(
      { err, authorization_id: authorization.id },
      'a renewal cannot be finished yet; it is taken up again',
    );
    return authorization;
  }
}

/** Answers with the identity written down, or with the end of it. */
async function identify(
  broker: BrokerContext,
  client: ProviderClient,
  authorization: Authorization,
  identityCalls: number,
): Promise<Authorization> {
  const { id } = authorization;
  let candidate: Awaited<ReturnType<typeof broker.vault.readCandidate>>;
  try {
    candidate = await broker.vault.readCandidate({ transactionId: id });
  } catch (error) {
    if (error instanceof DomainError && error.kind === 'not_found')
      return dropAndFail(broker, authorization, 'INTERRUPTED');
    throw error;
  }
  const found = await identityOf(broker, client, authorization, candidate.accessToken, {
    attempts: identityCalls,
  });
  if (typeof found === 'string') return dropAndFail(broker, authorization, found);
  const grantedScopes =
    authorization.answeredScopes ??
    (candidate.scopes.length > 0 ? candidate.scopes : authorization.requestedScopes);
  const identity = { ...found, key: placedKey(authorization, found.key) };
  const missing = missingScopes(client.provider, authorization.requiredScopes, grantedScopes);
  return broker.store.update(id, (current) =>
    verify(current, { identity, grantedScopes, missingScopes: missing }, broker.clock.nowMs()),
  );
}

/** By the ID token, by a call, or by both where both speak; or why it cannot be said. */
async function identityOf(
  broker: BrokerContext,
  client: ProviderClient,
  authorization: Authorization,
  accessToken: string,
  patience: { attempts: number },
): Promise<ProviderIdentity | FailureCode> {
  const rule = identityRuleOf(client.provider, authorization);
  const { idTokenSubject, idTokenIdentity } = authorization;
  const callable = await hasIdentityCall(client, rule).catch((error: unknown) => {
    throw new ProviderUnavailableError(client.provider.name, error);
  });
  if (!callable) return idTokenIdentity ?? 'IDENTITY_MISSING';
  const answer = await askPatiently(broker, client, rule, accessToken, patience.attempts);
  if (answer.kind === 'refused') return 'IDENTITY_REFUSED';
  if (answer.kind === 'accepted') return idTokenIdentity ?? 'IDENTITY_MISSING';
  const { identity } = answer;
  // OpenID Connect Core section 5.3.2: an answer about another subject than the ID token's must not be used.
  const comparable = rule.call === 'userinfo' && rule.key === '/sub';
  return comparable && idTokenSubject !== undefined && idTokenSubject !== identity.key
    ? 'IDENTITY_MISMATCH'
    : identity;
}

type Word = Exclude<IdentityAnswer, { refusal: unknown }> | { kind: 'refused' };

/** A provider that just issued a token may need a moment to know it everywhere; the person is waiting. */
async function askPatiently(
  broker: BrokerContext,
  client: ProviderClient,
  rule: IdentityEntry,
  accessToken: string,
  attempts: number,
): Promise<Word> {
  return retryUnavailable(
    async () => {
      const answer = await askIdentity(client, accessToken, broker.clock.nowMs(), rule);
      switch (answer.kind) {
        case 'known':
        case 'accepted':
          return answer;
        case 'refused':
          return { kind: 'refused' as const };
        case 'unavailable':
          throw new ProviderUnavailableError(client.provider.name, new Error(answer.refusal.error));
        default:
          return answer satisfies never;
      }
    },
    { attempts, baseMs: 150, maxMs: 1_000, random: broker.random },
  );
}
