import { checkInput, msFromDuration } from '@credential-renewal/rpc';
import type { VaultContext } from '../vault-context.ts';
import type { VaultHandlers } from './vault-handlers.ts';

export function listCandidates(vault: VaultContext): VaultHandlers['listCandidates'] {
  return async ({ minimumAge, limit }) => {
    checkInput((check) => check.integer('limit', limit, { min: 1, max: 1_000 }));
    const minimumAgeMs = minimumAge ? msFromDuration(minimumAge) : 0;
    return {
      transactionIds: await vault.candidates.listOpen(vault.clock.nowMs() - minimumAgeMs, limit),
    };
  };
}
