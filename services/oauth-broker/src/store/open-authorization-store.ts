import type { StoreSettings } from '@credential-renewal/storage';
import type { AuthorizationStore } from './authorization-store.ts';
import { createSqliteAuthorizationStore } from './sqlite-authorization-store.ts';

/** The engine is chosen here. Throws the named errors of packages/storage where it cannot be used. */
export async function openAuthorizationStore(settings: StoreSettings): Promise<AuthorizationStore> {
  switch (settings.engine) {
    case 'sqlite':
      return createSqliteAuthorizationStore(settings.path);
    case 'mongodb':
      throw new Error('not yet');
    default:
      return settings satisfies never;
  }
}
