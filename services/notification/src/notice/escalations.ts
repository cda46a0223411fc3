import { type Logger, runWithTrace } from '@credential-renewal/runtime';
import { type Notification, wasTold } from '../notification.ts';
import { cancelled, escalated } from '../notification-steps.ts';
import { usesByAdministrator } from './affected-uses.ts';
import { describeUses, type UsesRegistry } from './describe-uses.ts';
import { createNotifier, type NotifierDeps } from './notifier.ts';
import { isStillTrue } from './watched-credential.ts';

const batch = 100;

/**
 * Tells administrators instead of those whom no mail reaches (semantics 26): once per episode and administrator, whoever and however many
 * could not be reached, and nobody who has been told of the episode anyhow. Idempotent: the mark is taken away last.
 */
export function createEscalations(
  deps: NotifierDeps & { registry: UsesRegistry; logger: Logger },
): (signal?: AbortSignal) => Promise<void> {
  const { store, clock, logger } = deps;
  const notify = createNotifier(deps);

  /** What else waits for somebody whom no mail reaches would only bounce as well. */
  async function cancelReminders({ episodeId, recipient }: Notification): Promise<void> {
    for (const one of await store.listOfEpisode(episodeId, recipient.userId)) {
      if (one.kind !== 'reminder') continue;
      await store.update(one.id, (now) =>
        cancelled(now, { atMs: clock.nowMs(), code: 'unreachable' }),
      );
    }
  }

  async function knows(episodeId: string, userId: string): Promise<boolean> {
    const told = await store.listOfEpisode(episodeId, userId);
    return told.some(
      (one) => one.kind !== 'escalation' && (wasTold(one) || one.state === 'waiting'),
    );
  }

  async function escalate(unreached: Notification): Promise<void> {
    const { episodeId, credentialId, accountId, trouble, recipient, expiresAtMs } = unreached;
    await cancelReminders(unreached);
    if (!isStillTrue(unreached, await store.getCredential(credentialId))) return;
    const described = await describeUses(deps.registry, unreached, { administrators: true });
    const meant = new Set(unreached.uses.map(({ id }) => id));
    let told = 0;
    for (const administrator of usesByAdministrator(described, meant)) {
      const { userId } = administrator.recipient;
      if (userId === recipient.userId || (await knows(episodeId, userId))) continue;
      told++;
      await notify({
        ...{ kind: 'escalation', episodeId, credentialId, accountId, trouble, expiresAtMs },
        ...administrator,
        unreachedName: recipient.name,
      });
    }
    logger.warn(
      { notification_id: unreached.id, episode_id: episodeId, administrators: told },
      'a recipient cannot be reached by mail; administrators are told instead',
    );
  }

  return async (signal) => {
    while (!signal?.aborted) {
      const unreached = await store.listToEscalate(batch);
      for (const one of unreached) {
        await runWithTrace(one.traceparent, () => escalate(one));
        await store.update(one.id, escalated);
      }
      if (unreached.length < batch) return;
    }
  };
}
