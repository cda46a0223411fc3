import { checkInput } from '@credential-renewal/rpc';
import type { BrokerContext } from '../broker-context.ts';
import { finishDeletion } from '../disconnect/finish-deletion.ts';
import type { BrokerHandlers } from './broker-handlers.ts';

/** What is looked through at once; what lies behind is finished by the sweep. */
const limit = 500;

/** Finishes a deletion that the registry has recorded, at once instead of at the next sweep. Without a record nothing happens. */
export function disconnect(broker: BrokerContext): BrokerHandlers['disconnect'] {
  return async ({ use, userId }) => {
    checkInput((check) => {
      check.oneof('use', use);
      if (use) {
        check.id(use.$case === 'sourceId' ? 'source_id' : 'authorized_connection_id', use.value);
      }
      check.id('user_id', userId);
    });
    const { uses } = await broker.registry.listDeletingUses({ limit });
    const deleting = uses.find(
      (found) => found.use?.$case === use?.$case && found.use?.value === use?.value,
    );
    if (deleting) await finishDeletion(broker, deleting);
    return {};
  };
}
