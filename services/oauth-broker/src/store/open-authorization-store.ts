import type { Clock, Logger } from '@credential-renewal/runtime';
import type { StoreSettings } from '@credential-renewal/storage';
import type { AuthorizationStore } from './authorization-store.ts';
import { createSqliteAuthorizationStore } from './sqlite-authorization-store.ts';
import type { TokenReadStore } from './token-read-store.ts';

/** The engine is chosen here. Throws the named errors of packages/storage where it cannot be used. */
export async function openAuthorizationStore(
  settings: StoreSettings,
  deps: { clock: Clock; logger: Logger },
): Promise<AuthorizationStore & { tokenReads: TokenReadStore }> {
  switch (settings.engine) {
    case 'sqlite':
      return createSqliteAuthorizationStore(settings.path);
    case 'mongodb': {
      // Only when it is used: mongoose is heavy.
      const { openMongoAuthorizationStore } = await import('./mongo-authorization-store.ts');
      return openMongoAuthorizationStore(settings, deps);
    }
    default:
      return settings satisfies never;
  }
}
