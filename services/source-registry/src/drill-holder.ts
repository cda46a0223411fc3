import { requireConnection, requireSource } from './caller.ts';
import { AdministratorRequiredError, DrillNotFoundError } from './errors.ts';
import type { RegistryDeps } from './registry-deps.ts';
import type { Use } from './use.ts';
import { readUseChoice, type UseChoice } from './use-reference.ts';
import type { User } from './user.ts';

/**
 * The use that a drill of the named one is held on: the connection that backs a source, since the source is renewed through it. Errors:
 * SOURCE_NOT_FOUND, CONNECTION_NOT_FOUND.
 */
export async function requireDrillHolder(
  deps: RegistryDeps,
  caller: User,
  choice: UseChoice | undefined,
): Promise<Use> {
  const { kind, id } = readUseChoice(choice);
  if (kind === 'connection') return requireConnection(deps, caller, id);
  const { source } = await requireSource(deps, caller, id);
  return source.authorizedConnectionId === undefined
    ? source
    : requireConnection(deps, caller, source.authorizedConnectionId);
}

export function requireAdministrator(caller: User, what: string): void {
  if (caller.role !== 'admin') throw new AdministratorRequiredError(what);
}

export function requireDrill(use: Use, drillId: string) {
  const drill = use.drills?.newest.find(({ id }) => id === drillId);
  if (!drill) throw new DrillNotFoundError(drillId);
  return drill;
}
