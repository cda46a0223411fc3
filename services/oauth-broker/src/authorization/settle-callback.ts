import { Failure_Kind } from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import type { BrokerContext } from '../broker-context.ts';
import type { ProviderClient } from '../provider/provider-client.ts';
import { refusalOf } from '../provider/refusal.ts';
import { failureOf } from '../provider/verdict.ts';
import { retryUnavailable } from '../retry-unavailable.ts';
import { type Authorization, keepCandidate } from './authorization.ts';
import { claimCredential } from './claim-credential.ts';
import { failAuthorization } from './end-authorization.ts';
import { type Exchanged, exchangeCode } from './exchange-code.ts';
import type { FailureCode } from './outcome.ts';
import { verifyGrant } from './verify-grant.ts';

type SpentCode = { query: string; state: string; browserSecret: string };

/**
 * What follows the single-use step of a callback (semantics 17): the credential is taken from a running refresh, the code is
 * exchanged once, the tokens are kept as a candidate, and only then looked at. Answers with how it ended, or still
 * `verifying` where the provider cannot say yet whose tokens they are; the sweep goes on from there.
 */
export async function settleCallback(
  broker: BrokerContext,
  client: ProviderClient,
  authorization: Authorization,
  spent: SpentCode,
): Promise<Authorization> {
  const claim = await claimCredential(broker, authorization);
  if (typeof claim === 'string') return failAuthorization(broker, authorization, claim);
  try {
    return await exchangeAndVerify(broker, client, authorization, spent);
  } finally {
    await claim.release();
  }
}

async function exchangeAndVerify(
  broker: BrokerContext,
  client: ProviderClient,
  authorization: Authorization,
  spent: SpentCode,
): Promise<Authorization> {
  let exchanged: Exchanged;
  try {
    exchanged = await exchangeCode(client, authorization, spent, broker.clock.nowMs());
  } catch (error) {
    return failAuthorization(
      broker,
      authorization,
      explainExchange(broker, client, authorization, error, spent),
    );
  }
  const { tokens, ...answer } = exchanged;
  try {
    await retryUnavailable(
      () =>
        broker.vault.storeCandidate({
          transactionId: authorization.id,
          accountId: authorization.accountId,
          credentialId: authorization.credentialId,
          tokens,
        }),
      { attempts: 6, baseMs: 100, maxMs: 2_000, random: broker.random },
    );
  } catch (err) {
    broker.logger.error({ err, authorization_id: authorization.id }, 'tokens could not be kept');
    return failAuthorization(broker, authorization, 'STORAGE_UNAVAILABLE');
  }
  const kept = await broker.store.update(authorization.id, (current) =>
    keepCandidate(current, answer, broker.clock.nowMs()),
  );
  return verifyGrant(broker, kept);
}

function explainExchange(
  broker: BrokerContext,
  { provider }: ProviderClient,
  { id }: Authorization,
  error: unknown,
  { query }: SpentCode,
): FailureCode {
  // Some providers repeat the code they refuse.
  const secrets = [new URLSearchParams(query).get('code') ?? undefined, provider.client.secret];
  const failure = failureOf(provider, refusalOf(error, broker.clock.nowMs()), secrets);
  broker.logger.warn(
    {
      authorization_id: id,
      provider: provider.id,
      error: failure.error,
      description: failure.description,
      http_status: failure.httpStatus,
    },
    'a code exchange failed',
  );
  switch (failure.kind) {
    case Failure_Kind.GRANT_REFUSED:
    case Failure_Kind.GRANT_REFUSED_UNCONFIRMED:
      return 'CODE_REFUSED';
    case Failure_Kind.CLIENT_REFUSED:
    case Failure_Kind.CLIENT_MISCONFIGURED:
      return 'CLIENT_REFUSED';
    case Failure_Kind.TRANSIENT:
    case Failure_Kind.UNSPECIFIED:
      return 'PROVIDER_UNAVAILABLE';
    default:
      return failure.kind satisfies never;
  }
}
