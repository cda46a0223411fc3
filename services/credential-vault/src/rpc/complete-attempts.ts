import { answerEach, checkInput } from '@credential-renewal/rpc';
import type { VaultContext } from '../vault-context.ts';
import { mostTogether } from './acquire-leases.ts';
import { completeAttempt } from './complete-attempt.ts';
import type { VaultHandlers } from './vault-handlers.ts';

/** A conditional write of its own for each; the store commits those that wait at the same time together. */
export function completeAttempts(vault: VaultContext): VaultHandlers['completeAttempts'] {
  const complete = completeAttempt(vault);
  return async ({ attempts }, context) => {
    checkInput((check) =>
      check.integer('attempts', attempts.length, { min: 1, max: mostTogether }),
    );
    return answerEach(attempts, async (attempt) => ({
      $case: 'written' as const,
      value: await complete(attempt, context),
    }));
  };
}
