import { sqlitePath } from '@credential-renewal/storage';
import type { AuthorizationStore } from './authorization-store.ts';
import { createSqliteAuthorizationStore } from './sqlite-authorization-store.ts';

/** The engine is chosen here, by the URL's scheme, which the configuration has checked. */
export function openAuthorizationStore(url: URL): AuthorizationStore {
  return createSqliteAuthorizationStore(sqlitePath(url));
}
