import type {
  AuthorizedConnection as RegistryConnection,
  Source as RegistrySource,
} from '@credential-renewal/proto/source_registry/v1/source_registry';
import { type Caller, isAdmin } from '../session/caller.ts';
import { toAuthorizedConnection } from './mapping/authorized-connection.ts';
import { toSource } from './mapping/source.ts';
import { required } from './mapping/time.ts';
import type { RouteDeps } from './route-deps.ts';
import type { AuthorizedConnection, Source } from './schemas/index.ts';
import { readScopeUpgrades } from './scope-upgrades.ts';

/** Sources as this caller sees them, with what a release has come to need of them. */
export async function showSources(
  deps: RouteDeps,
  caller: Caller,
  sources: readonly RegistrySource[],
): Promise<Source[]> {
  const upgradeOf = await readScopeUpgrades(deps, sources);
  const viewer = { showEvidence: isAdmin(caller) };
  return sources.map((source) => toSource(source, viewer, upgradeOf(source)));
}

export async function showSource(
  deps: RouteDeps,
  caller: Caller,
  source: RegistrySource | undefined,
): Promise<Source> {
  const [shown] = await showSources(deps, caller, [required(source, 'source')]);
  return required(shown, 'source');
}

export async function showConnections(
  deps: RouteDeps,
  caller: Caller,
  connections: readonly RegistryConnection[],
): Promise<AuthorizedConnection[]> {
  const upgradeOf = await readScopeUpgrades(deps, connections);
  const viewer = { showEvidence: isAdmin(caller) };
  return connections.map((connection) =>
    toAuthorizedConnection(connection, viewer, upgradeOf(connection)),
  );
}

export async function showConnection(
  deps: RouteDeps,
  caller: Caller,
  connection: RegistryConnection | undefined,
): Promise<AuthorizedConnection> {
  const name = 'authorized_connection';
  const [shown] = await showConnections(deps, caller, [required(connection, name)]);
  return required(shown, name);
}
