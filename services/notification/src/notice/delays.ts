import type { Logger } from '@credential-renewal/runtime';
import { usesForAccountAdministrators } from './affected-uses.ts';
import { describeUses, type UsesRegistry } from './describe-uses.ts';
import { createNotifier, type NotifierDeps } from './notifier.ts';
import { type Delay, delayId, delayTold, type WatchedCredential } from './watched-credential.ts';

const batch = 100;
const dayMs = 24 * 3_600_000;

/** Tells the account's administrators of trouble that has lasted for a day and that nobody of them can mend, once (semantics 14). */
export function createDelays(
  deps: NotifierDeps & { registry: UsesRegistry; logger: Logger },
): (signal?: AbortSignal) => Promise<void> {
  const { store, clock, registry } = deps;
  const notify = createNotifier(deps);

  async function tell({ credentialId }: WatchedCredential, delay: Delay): Promise<void> {
    const { accountId, trouble } = delay;
    const episodeId = delayId(credentialId, trouble.sinceMs);
    const described = await describeUses(
      registry,
      { accountId, credentialId },
      { administrators: true },
    );
    for (const administrator of usesForAccountAdministrators(described)) {
      await notify({
        ...{ kind: 'delayed', episodeId, credentialId, accountId, trouble },
        ...administrator,
      });
    }
    // Last, so that a crash before it only repeats what is idempotent.
    await store.observeCredential(credentialId, (known) => delayTold(known, trouble.sinceMs));
  }

  return async (signal) => {
    while (!signal?.aborted) {
      const delayed = await store.listDelayedSince(clock.nowMs() - dayMs, batch);
      for (const credential of delayed) {
        if (credential.delay) await tell(credential, credential.delay);
      }
      if (delayed.length < batch) return;
    }
  };
}
