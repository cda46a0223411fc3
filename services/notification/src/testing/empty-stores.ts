import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock, Logger } from '@credential-renewal/runtime';
import {
  type NotificationStores,
  openNotificationStores,
} from '../store/open-notification-stores.ts';

/** An empty database of one engine. */
export type EmptyStores = {
  /** Opens it, again after a close. */
  open(): Promise<NotificationStores>;
  /** Removes the data. */
  dispose(): Promise<void>;
};

export type MakeEmptyStores = (deps: { clock: Clock; logger: Logger }) => Promise<EmptyStores>;

export const emptySqliteStores: MakeEmptyStores = async (deps) => {
  const directory = mkdtempSync(join(tmpdir(), 'notify-'));
  const path = join(directory, 'notification.db');
  return {
    open: () => openNotificationStores({ engine: 'sqlite', path }, deps),
    dispose: async () => rmSync(directory, { recursive: true }),
  };
};
