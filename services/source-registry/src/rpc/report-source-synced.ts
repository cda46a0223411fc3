import { checkInput } from '@credential-renewal/rpc';
import { SourceNotFoundError } from '../errors.ts';
import type { RegistryDeps } from '../registry-deps.ts';
import type { RegistryHandler } from '../registry-handler.ts';

/** Not a change of the source: no event, no history. A date ahead of our clock counts as now. */
export function reportSourceSynced(deps: RegistryDeps): RegistryHandler<'reportSourceSynced'> {
  return async ({ accountId, sourceId, syncedAt }) => {
    checkInput((check) => {
      check.id('account_id', accountId);
      check.id('source_id', sourceId);
      check.that(
        'synced_at',
        syncedAt !== undefined && syncedAt.getTime() >= 0,
        'must be a time after 1970',
      );
    });
    const nowMs = deps.clock.nowMs();
    const syncedAtMs = Math.min(syncedAt?.getTime() ?? nowMs, nowMs);
    const known = await deps.uses.recordSync({ accountId, sourceId, syncedAtMs });
    if (!known) throw new SourceNotFoundError(sourceId);
    return {};
  };
}
