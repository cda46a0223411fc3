import { checkInput, durationFromMs } from '@credential-renewal/rpc';
import type { VaultContext } from '../vault-context.ts';
import type { VaultHandlers } from './vault-handlers.ts';

export function listDueCredentials(vault: VaultContext): VaultHandlers['listDueCredentials'] {
  return async ({ limit, excludedProviderIds }) => {
    checkInput((check) => {
      check.integer('limit', limit, { min: 1, max: 1_000 });
      check.ids('excluded_provider_ids', excludedProviderIds, { maxCount: 1_000 });
    });
    const nowMs = vault.clock.nowMs();
    const { undecryptable } = vault;
    const listed = await vault.store.listDue(nowMs, {
      limit: limit + undecryptable.size(),
      excludedProviderIds,
    });
    const due = listed.filter(({ id }) => !undecryptable.has(id)).slice(0, limit);
    const nextMs = await vault.store.nextDueMs(nowMs);
    return {
      due: due.map(({ id, providerId, clientId }) => ({ credentialId: id, providerId, clientId })),
      nextDueIn: nextMs === undefined ? undefined : durationFromMs(nextMs - nowMs),
    };
  };
}
