import {
  type CompleteAttemptRequest,
  type Failure,
  Failure_Kind,
  type AcquireLeaseResponse_Granted as Granted,
} from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import { askIdentity } from '../provider/identity.ts';
import { identityFailureOf } from '../provider/identity-failure.ts';
import type { ProviderClient } from '../provider/provider-client.ts';
import { refusalOf } from '../provider/refusal.ts';
import { failureOf } from '../provider/verdict.ts';

/** What the provider said about a credential: new tokens, that the access token is good, or why not. */
export type ProviderWord = NonNullable<CompleteAttemptRequest['outcome']>;

/** One request: a refresh, or, without a refresh token, the identity call (semantics 1 and 2). Never throws. */
export async function askProvider(
  client: ProviderClient | undefined,
  granted: Granted,
  nowMs: number,
): Promise<ProviderWord> {
  if (!client) return failure(notInCatalogue(granted));
  const { provider } = client;
  const { refreshToken, accessToken } = granted;
  if (refreshToken === undefined) {
    const answer = await askIdentity(client, accessToken, nowMs);
    return 'refusal' in answer
      ? failure(identityFailureOf(provider, answer.refusal, accessToken))
      : { $case: 'identityConfirmed', value: {} };
  }
  const secrets = [refreshToken, accessToken, provider.client.secret];
  try {
    await client.configuration();
  } catch (error) {
    // The token was not sent, so nothing that happened here can have spent it.
    const refusal = { ...refusalOf(error, nowMs), answerLost: false };
    return failure({
      ...failureOf(provider, refusal, secrets),
      kind: Failure_Kind.TRANSIENT,
    });
  }
  try {
    return { $case: 'tokens', value: await client.refresh(refreshToken, nowMs) };
  } catch (error) {
    return failure(failureOf(provider, refusalOf(error, nowMs), secrets));
  }
}

function failure(value: Failure): ProviderWord {
  return { $case: 'failure', value };
}

/** Nobody of the account can mend that: it is our configuration. */
function notInCatalogue({ providerId, clientId }: Granted): Failure {
  return {
    kind: Failure_Kind.CLIENT_MISCONFIGURED,
    error: 'client_not_in_catalogue',
    description: `The catalogue has no client ${clientId} at a provider ${providerId}.`,
    httpStatus: 0,
    retryAfter: undefined,
    answerLost: false,
    reasonCode: '',
  };
}
