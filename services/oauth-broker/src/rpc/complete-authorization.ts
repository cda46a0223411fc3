import { checkInput } from '@credential-renewal/rpc';
import { runWithTrace } from '@credential-renewal/runtime';
import { type Authorization, clientOf, startExchange } from '../authorization/authorization.ts';
import { toMessage } from '../authorization/authorization-message.ts';
import { bindingOf, isSameBinding } from '../authorization/authorization-request.ts';
import { matchesHash, sha256 } from '../authorization/browser-binding.ts';
import { type Callback, findMixUp, parseCallback } from '../authorization/callback.ts';
import { endAuthorization, failAuthorization } from '../authorization/end-authorization.ts';
import { explainFailure } from '../authorization/outcome.ts';
import { settleCallback } from '../authorization/settle-callback.ts';
import type { BrokerContext } from '../broker-context.ts';
import {
  AuthorizationNotFoundError,
  AuthorizationNotYoursError,
  ProviderUnavailableError,
} from '../errors.ts';
import type { BrokerHandlers } from './broker-handlers.ts';
import { browserSecretPattern, browserSecretRule, callbackQueryLimits } from './input-limits.ts';

/**
 * The hardened callback (semantics 21). Who may is checked before anything changes, so a stranger's attempt leaves the true
 * owner's authorization alone; then one conditional change decides which callback goes on; only after it is the provider asked.
 */
export function completeAuthorization(
  broker: BrokerContext,
): BrokerHandlers['completeAuthorization'] {
  return async (request) => {
    const { callbackQuery, userId, browserSecret, redirectProviderId } = request;
    checkInput((check) => {
      check.text('callback_query', callbackQuery, callbackQueryLimits);
      check.id('user_id', userId);
      check.that('browser_secret', browserSecretPattern.test(browserSecret), browserSecretRule);
      check.optionalId('redirect_provider_id', redirectProviderId);
    });
    const callback = parseCallback(callbackQuery);
    const found = await broker.store.findByStateHash(sha256(callback.state));
    if (!found) throw new AuthorizationNotFoundError();
    if (found.userId !== userId || !matchesHash(browserSecret, found.browserSecretHash))
      throw new AuthorizationNotYoursError();
    // The browser came from the provider, with a trace of its own at best; the story is that of the click.
    const ended = await runWithTrace(
      found.traceparent,
      () => {
        broker.logger.info({ authorization_id: found.id }, 'a browser came back from the provider');
        return complete(broker, found, callback, {
          query: callbackQuery,
          browserSecret,
          redirectProviderId,
        });
      },
      'complete authorization',
    );
    return { authorization: toMessage(ended, broker.clock.nowMs()) };
  };
}

async function complete(
  broker: BrokerContext,
  found: Authorization,
  callback: Callback,
  request: { query: string; browserSecret: string; redirectProviderId: string | undefined },
): Promise<Authorization> {
  // Looked at before the single-use step, so that a used one is told so even while the provider is away.
  startExchange(found, broker.clock.nowMs());
  const client = broker.clients(clientOf(found));
  const configuration = await client?.configuration().catch((error: unknown) => {
    throw new ProviderUnavailableError(found.providerName, error);
  });
  const authorization = await broker.store.update(found.id, (current) => {
    // A newer state was made meanwhile: this callback is not the one that is waited for.
    if (current.stateHash !== found.stateHash) throw new AuthorizationNotFoundError();
    return startExchange(current, broker.clock.nowMs());
  });
  const { binding, providerId, providerName } = authorization;
  if (!client || !configuration || !binding)
    return failAuthorization(broker, authorization, 'PROVIDER_CHANGED');
  if (!isSameBinding(binding, bindingOf(client.provider, configuration, broker.config.publicUrl)))
    return failAuthorization(broker, authorization, 'PROVIDER_CHANGED');
  const { redirectProviderId } = request;
  const mixUp = findMixUp(callback, binding, { providerId, redirectProviderId });
  if (mixUp) {
    broker.logger.warn(
      { authorization_id: found.id, provider: providerId, mixUp },
      'callback refused',
    );
    return failAuthorization(broker, authorization, 'PROVIDER_MIXED_UP');
  }
  if (callback.result.kind === 'error') {
    const { error } = callback.result;
    if (error === 'access_denied') {
      const outcome = explainFailure('CONSENT_DENIED', providerName);
      return endAuthorization(broker, authorization, 'cancelled', outcome);
    }
    broker.logger.warn(
      { authorization_id: found.id, provider: providerId, error },
      'provider refused',
    );
    return failAuthorization(broker, authorization, 'PROVIDER_REFUSED');
  }
  return settleCallback(broker, client, authorization, { ...request, state: callback.state });
}
