import { checkInput } from '@credential-renewal/rpc';
import { hasExpired, isPending } from '../authorization/authorization.ts';
import { toMessage } from '../authorization/authorization-message.ts';
import { endAuthorization } from '../authorization/end-authorization.ts';
import { explainFailure } from '../authorization/outcome.ts';
import type { BrokerContext } from '../broker-context.ts';
import { AuthorizationNotFoundError } from '../errors.ts';
import type { BrokerHandlers } from './broker-handlers.ts';

/** Turning back is possible until the callback; afterwards the answer says how it went. */
export function cancelAuthorization(broker: BrokerContext): BrokerHandlers['cancelAuthorization'] {
  return async ({ authorizationId, userId }) => {
    checkInput((check) => {
      check.id('authorization_id', authorizationId);
      check.id('user_id', userId);
    });
    const found = await broker.store.get(authorizationId);
    if (found?.userId !== userId) throw new AuthorizationNotFoundError();
    const nowMs = broker.clock.nowMs();
    const authorization =
      isPending(found) && !hasExpired(found, nowMs)
        ? await endAuthorization(
            broker,
            found,
            'cancelled',
            explainFailure('CANCELLED', found.providerName),
          )
        : found;
    return { authorization: toMessage(authorization, nowMs) };
  };
}
