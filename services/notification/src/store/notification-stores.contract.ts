import { onTestFinished } from 'vitest';
import { mailboxStoreContract } from './mailbox-store.contract.ts';
import { notificationStoreContract } from './notification-store.contract.ts';
import type { NotificationStores } from './open-notification-stores.ts';

/** An empty database of one engine. */
export type EmptyStores = {
  /** Opens it, again after a close. */
  open(): Promise<NotificationStores>;
  /** Removes the data. */
  dispose(): Promise<void>;
};

export type OpenedStores = Pick<NotificationStores, 'notifications' | 'mailbox'> & {
  /** Ends the engine and opens the same data again. */
  reopen(): Promise<NotificationStores>;
};

/** What notification's stores promise, for any engine. */
export function notificationStoresContract(makeEmpty: () => Promise<EmptyStores>): void {
  const open = async (): Promise<OpenedStores> => {
    const empty = await makeEmpty();
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
}
