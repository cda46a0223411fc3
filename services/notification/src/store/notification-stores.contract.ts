import { createLogger, systemClock } from '@credential-renewal/runtime';
import { onTestFinished } from 'vitest';
import type { MakeEmptyStores } from '../testing/empty-stores.ts';
import { handoverStatesContract } from './handover-states.contract.ts';
import { mailboxStoreContract } from './mailbox-store.contract.ts';
import { notificationStoreContract } from './notification-store.contract.ts';
import type { NotificationStores } from './open-notification-stores.ts';
import { retentionContract } from './retention.contract.ts';

export type OpenedStores = NotificationStores & {
  /** Ends the engine and opens the same data again. */
  reopen(): Promise<NotificationStores>;
};

/** What notification's stores promise, for any engine. */
export function notificationStoresContract(makeEmpty: MakeEmptyStores): void {
  const open = async (): Promise<OpenedStores> => {
    const logger = createLogger({ service: 'test', level: 'silent' });
    const empty = await makeEmpty({ clock: systemClock, logger });
    let stores = await empty.open();
    onTestFinished(async () => {
      await stores.close();
      await empty.dispose();
    });
    return {
      ...stores,
      async reopen() {
        await stores.close();
        stores = await empty.open();
        return stores;
      },
    };
  };
  notificationStoreContract(open);
  mailboxStoreContract(open);
  handoverStatesContract(open);
  retentionContract(open);
}
