import { keepersOf, mayRenewConnection } from './access/connection-access.ts';
import { mayRenewSource, renewersOf } from './access/source-access.ts';
import { RenewalForbiddenError } from './errors.ts';
import type { RegistryDeps } from './registry-deps.ts';
import { readSurroundings } from './surroundings.ts';
import type { Use } from './use.ts';
import type { User } from './user.ts';

/** The creator of a source, the keepers of a connection. Errors: RENEWAL_FORBIDDEN, which names who may. */
export async function requireRenewer(deps: RegistryDeps, caller: User, use: Use): Promise<void> {
  const { userById, accountAdmins, of } = await readSurroundings(deps, caller.accountId, [use]);
  const renewers =
    use.kind === 'source' ? renewersOf(use, of(use)) : keepersOf(use, userById, accountAdmins);
  const allowed =
    use.kind === 'source' ? mayRenewSource(caller, use) : mayRenewConnection(caller, renewers);
  if (!allowed) {
    throw new RenewalForbiddenError(
      use.name,
      renewers.map((user) => user.name),
    );
  }
}
