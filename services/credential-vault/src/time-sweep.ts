import { createPeriodic, type Logger, type Periodic } from '@credential-renewal/runtime';
import { changeCredential } from './change-credential.ts';
import { passTime } from './rules/time.ts';
import { ruleContext, type VaultContext } from './vault-context.ts';

const batch = 200;
const candidateKeptMs = 24 * 60 * 60_000;

/** Changes what time alone changes: warnings that fall due, trouble that outlived an access token, forgotten candidates. */
export function createTimeSweep(vault: VaultContext, logger: Logger, intervalMs: number): Periodic {
  return createPeriodic({
    name: 'time sweep',
    intervalMs,
    logger,
    run: async (signal) => {
      await vault.candidates.prune(vault.clock.nowMs() - candidateKeptMs);
      const ids = await vault.store.listTicks(vault.clock.nowMs(), batch);
      for (const id of ids) {
        if (signal.aborted) return undefined;
        await changeCredential(vault, id, (current) => passTime(current, ruleContext(vault)));
      }
      return ids.length === batch ? 0 : undefined;
    },
  });
}
