import { answerEach, checkInput } from '@credential-renewal/rpc';
import type { VaultContext } from '../vault-context.ts';
import { acquireLease } from './acquire-lease.ts';
import type { VaultHandlers } from './vault-handlers.ts';

/** So many tokens of the longest kind fit into one message. */
export const mostTogether = 10;

/** A write of its own for each; the store commits those that wait at the same time together. */
export function acquireLeases(vault: VaultContext): VaultHandlers['acquireLeases'] {
  const acquire = acquireLease(vault);
  return async ({ leases }, context) => {
    checkInput((check) => check.integer('leases', leases.length, { min: 1, max: mostTogether }));
    return answerEach(leases, async (lease) => ({
      $case: 'lease' as const,
      value: await acquire(lease, context),
    }));
  };
}
