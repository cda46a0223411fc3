import { checkInput } from '@credential-renewal/rpc';
import { uuidv7 } from '@credential-renewal/runtime';
import { toMessage } from '../authorization/authorization-message.ts';
import { createAuthorization } from '../authorization/create-authorization.ts';
import type { BrokerContext } from '../broker-context.ts';
import type { BrokerHandlers } from './broker-handlers.ts';
import { returnToLimits } from './input-limits.ts';

/** The registry decides whether this user may; the broker only writes down what it allowed. */
export function startAuthorization(broker: BrokerContext): BrokerHandlers['startAuthorization'] {
  return async (request) => {
    const { use, userId, returnTo, parameters } = request;
    checkInput((check) => {
      check.id('user_id', userId);
      check.oneof('use', use);
      if (use) {
        check.id(use.$case === 'sourceId' ? 'source_id' : 'authorized_connection_id', use.value);
      }
      check.text('return_to', returnTo, returnToLimits);
    });
    const allowed = await broker.registry.authorizeFirstAuthorization({
      callerUserId: userId,
      use,
    });
    const used = allowed.use ?? { id: use?.value ?? '', name: '' };
    const authorization = await createAuthorization(
      broker,
      uuidv7(broker.clock.nowMs()),
      {
        accountId: allowed.accountId,
        userId,
        use: {
          kind: use?.$case === 'authorizedConnectionId' ? 'authorized_connection' : 'source',
          id: used.id,
        },
        credentialId: undefined,
        connectorId: allowed.connectorId,
        connectorIds: [allowed.connectorId],
        heals: [used],
      },
      {
        ...{ returnTo, switchIdentity: false, providerAccount: '' },
        parameters: { from: 'person', values: parameters?.values ?? {} },
      },
    );
    return { authorization: toMessage(authorization, broker.clock.nowMs()) };
  };
}
