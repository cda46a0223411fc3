import { randomBytes } from 'node:crypto';
import type { SignInHints } from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import { checkInput } from '@credential-renewal/rpc';
import { DomainError } from '@credential-renewal/runtime';
import {
  type Authorization,
  begin,
  clientOf,
  hasExpired,
  isPending,
} from '../authorization/authorization.ts';
import {
  authorizationUrl,
  bindingOf,
  parametersOf,
} from '../authorization/authorization-request.ts';
import { idTokenNonce, pkceVerifier, sha256 } from '../authorization/browser-binding.ts';
import { asksForKeptHint } from '../authorization/sign-in-hint.ts';
import type { BrokerContext } from '../broker-context.ts';
import type { Provider } from '../catalogue/catalogue.ts';
import {
  AuthorizationEndedError,
  AuthorizationNotFoundError,
  AuthorizationNotYoursError,
  ProviderUnavailableError,
} from '../errors.ts';
import { isUnavailable } from '../retry-unavailable.ts';
import type { BrokerHandlers } from './broker-handlers.ts';
import { browserSecretPattern, browserSecretRule } from './input-limits.ts';

/** Makes a fresh `state` and PKCE challenge for one browser. Neither is stored: only the hash of the state is. */
export function beginAuthorization(broker: BrokerContext): BrokerHandlers['beginAuthorization'] {
  return async ({ authorizationId, userId, browserSecret }) => {
    checkInput((check) => {
      check.id('authorization_id', authorizationId);
      check.id('user_id', userId);
      check.that('browser_secret', browserSecretPattern.test(browserSecret), browserSecretRule);
    });
    const authorization = await broker.store.get(authorizationId);
    if (!authorization) throw new AuthorizationNotFoundError();
    if (authorization.userId !== userId) throw new AuthorizationNotYoursError();
    if (!isPending(authorization)) throw new AuthorizationEndedError('was already used');
    if (hasExpired(authorization, broker.clock.nowMs()))
      throw new AuthorizationEndedError('is older than ten minutes');
    const client = broker.clients(clientOf(authorization));
    if (!client)
      throw new AuthorizationEndedError('is for a provider that is not offered any more');
    const configuration = await client.configuration().catch((error: unknown) => {
      throw new ProviderUnavailableError(authorization.providerName, error);
    });
    const binding = bindingOf(client.provider, configuration, broker.config.publicUrl);
    const state = randomBytes(32).toString('base64url');
    await broker.store.update(authorizationId, (current) =>
      begin(
        current,
        { stateHash: sha256(state), browserSecretHash: sha256(browserSecret), binding },
        broker.clock.nowMs(),
      ),
    );
    const kept = await keptHints(broker, client.provider, authorization);
    const url = await authorizationUrl(client.provider, configuration, {
      parameters: parametersOf(client.provider, authorization, kept),
      redirectUri: binding.redirectUri,
      scopes: authorization.requestedScopes,
      state,
      verifier: pkceVerifier(browserSecret, authorizationId),
      nonce: idTokenNonce(browserSecret, authorizationId),
    });
    return { redirectUrl: url.href, state };
  };
}

/** How long the vault has for what only spares somebody a choice. */
const hintPatienceMs = 1_000;

/** Asked for now and kept nowhere here: a transaction holds nothing personal. Without them the person chooses the account. */
async function keptHints(
  { vault }: Pick<BrokerContext, 'vault'>,
  provider: Provider,
  authorization: Authorization,
): Promise<SignInHints | undefined> {
  const { credentialId } = authorization;
  if (credentialId === undefined || !asksForKeptHint(provider, authorization)) return undefined;
  const asked = { credentialId, withHints: true };
  try {
    return (await vault.getCredential(asked, { deadlineMs: hintPatienceMs })).hints;
  } catch (error) {
    if (isUnavailable(error) || (error instanceof DomainError && error.kind === 'not_found'))
      return undefined;
    throw error;
  }
}
