import { checkInput } from '@credential-renewal/rpc';
import { toMessage } from '../authorization/authorization-message.ts';
import type { BrokerContext } from '../broker-context.ts';
import { AuthorizationNotFoundError } from '../errors.ts';
import type { BrokerHandlers } from './broker-handlers.ts';

/** Only for the user who started it: for anybody else there is none. */
export function getAuthorization(broker: BrokerContext): BrokerHandlers['getAuthorization'] {
  return async ({ authorizationId, userId }) => {
    checkInput((check) => {
      check.id('authorization_id', authorizationId);
      check.id('user_id', userId);
    });
    const authorization = await broker.store.get(authorizationId);
    if (authorization?.userId !== userId) throw new AuthorizationNotFoundError();
    return { authorization: toMessage(authorization, broker.clock.nowMs()) };
  };
}
