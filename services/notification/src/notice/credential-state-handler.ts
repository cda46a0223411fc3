import { type CloudEvent, readEventData } from '@credential-renewal/events';
import {
  Actor_Kind,
  CredentialState,
  CredentialStatus,
} from '@credential-renewal/proto/events/v1/credential';
import type { Logger } from '@credential-renewal/runtime';
import { reminderDays, warningDays } from '../kind-key.ts';
import { type Notification, type Trouble, wasTold } from '../notification.ts';
import { cancelled, episodeSettled } from '../notification-steps.ts';
import { defaultPreferences } from '../preferences/preferences.ts';
import { type ToldRecipient, usesByRecipient } from './affected-uses.ts';
import { describeUses, type UsesRegistry } from './describe-uses.ts';
import { createNotifier, type NotifierDeps } from './notifier.ts';
import { delayTrouble, expiryTrouble, lifeTrouble } from './trouble.ts';
import {
  endOfLifeId,
  isStillTrue,
  observeState,
  observeTombstone,
  type WatchedCredential,
} from './watched-credential.ts';

export type CredentialStateHandlerDeps = NotifierDeps & {
  registry: UsesRegistry;
  logger: Logger;
  /** Something may be due now. */
  onChanged: () => void;
};

const dayMs = 24 * 3_600_000;

/**
 * Acts on one event of `credential.state`. Every step is idempotent and the version is remembered first, so a crash
 * anywhere is mended by the redelivery, and an older state does nothing.
 */
export function createCredentialStateHandler(
  deps: CredentialStateHandlerDeps,
): (event: CloudEvent) => Promise<void> {
  const { store, logger, clock } = deps;
  const notify = createNotifier(deps);

  async function handleTombstone(credentialId: string): Promise<void> {
    const observed = await store.observeCredential(credentialId, (known) =>
      observeTombstone(known, credentialId),
    );
    await cancelWhatIsOver(credentialId, observed);
    for (const { id } of await store.listOpenOfCredential(credentialId)) {
      await store.update(id, (now) => episodeSettled(now, clock.nowMs()));
    }
  }

  async function handleState(state: CredentialState): Promise<void> {
    const { credentialId, version, expiresAt } = state;
    const openEpisodeId = episodeThatNeedsSomebody(state);
    const observed = await store.observeCredential(credentialId, (known) =>
      observeState(known, {
        ...{ credentialId, version, openEpisodeId, delay: delayOf(state) },
        expiresAtMs: state.status === CredentialStatus.EXPIRING ? expiresAt?.getTime() : undefined,
      }),
    );
    if (!observed) {
      logger.debug(
        { credential_id: credentialId, version: String(version) },
        'older state ignored',
      );
      return;
    }
    await cancelWhatIsOver(credentialId, observed);
    for (const told of await store.listOpenOfCredential(credentialId)) {
      if (told.episodeId !== openEpisodeId) await settle(told, state);
    }
    const trouble = expiryTrouble(state);
    if (openEpisodeId && trouble) await tellExpiry(state, openEpisodeId, trouble);
    if (observed.expiresAtMs !== undefined) await tellEnd(state, observed.expiresAtMs);
    // What was told in these steps may be over by now: a newer state came while the registry was asked.
    await cancelWhatIsOver(credentialId, await store.getCredential(credentialId));
  }

  /** At once, so that the pages show it; the sender asks again, right before it sends. */
  async function cancelWhatIsOver(
    credentialId: string,
    observed: WatchedCredential | undefined,
  ): Promise<void> {
    for (const waiting of await store.listWaitingOfCredential(credentialId)) {
      if (isStillTrue(waiting, observed)) continue;
      await store.update(waiting.id, (now) =>
        cancelled(now, { atMs: clock.nowMs(), code: 'over' }),
      );
    }
  }

  async function recipientsOf(state: CredentialState): Promise<ToldRecipient[]> {
    const recipients = usesByRecipient(await describeUses(deps.registry, state));
    if (recipients.length === 0) {
      logger.warn(
        { credential_id: state.credentialId, episode_id: state.episodeId },
        'nobody is to be told of an expiry: no use of the credential has a recipient',
      );
    }
    return recipients;
  }

  async function tellExpiry(
    state: CredentialState,
    episodeId: string,
    trouble: Trouble,
  ): Promise<void> {
    const { accountId, credentialId } = state;
    for (const told of await recipientsOf(state)) {
      const notice = { episodeId, credentialId, accountId, trouble, ...told };
      const first = await notify({ ...notice, kind: 'expired' });
      if (first.state !== 'failed' && (await wantsReminders(first))) {
        await Promise.all(
          reminderDays.map((number) => {
            const notBeforeMs = first.createdAtMs + number * dayMs;
            return notify({ ...notice, kind: 'reminder', number }, { notBeforeMs });
          }),
        );
      }
    }
  }

  async function wantsReminders({ accountId, recipient }: Notification): Promise<boolean> {
    const { userId } = recipient;
    const chosen = (await deps.preferences.get({ accountId, userId })) ?? defaultPreferences;
    return chosen.reminders && chosen.timing !== 'in_app_only';
  }

  /** The vault says once that the end is near; the later warning's turn is known from then on. */
  async function tellEnd(state: CredentialState, expiresAtMs: number): Promise<void> {
    const { accountId, credentialId } = state;
    const trouble = lifeTrouble(state);
    const nowMs = clock.nowMs();
    if (!trouble || expiresAtMs <= nowMs) return;
    // A warning whose nearer one is due as well is not given beside it.
    const left = warningDays.filter((days) =>
      warningDays.every((nearer) => nearer >= days || nowMs < expiresAtMs - nearer * dayMs),
    );
    const episodeId = endOfLifeId(credentialId, expiresAtMs);
    for (const told of await recipientsOf(state)) {
      const notice = { episodeId, credentialId, accountId, trouble, expiresAtMs, ...told };
      for (const number of left) {
        const notBeforeMs = expiresAtMs - number * dayMs;
        await notify({ ...notice, kind: 'expiring', number }, { notBeforeMs });
      }
    }
  }

  /** The follow-up is written before the episode is settled, so a crash between the two repeats it, harmlessly. */
  async function settle(told: Notification, state: CredentialState): Promise<void> {
    const atMs = clock.nowMs();
    const now = await store.update(told.id, (one) => cancelled(one, { atMs, code: 'over' }));
    if (wasTold(now) && endedByItself(state)) {
      const recoveredAtMs = state.since?.getTime() ?? atMs;
      await notify({ ...told, kind: 'recovered', recoveredAtMs });
    }
    await store.update(told.id, (one) => episodeSettled(one, atMs));
  }

  return async (event) => {
    const state = readEventData(event, 'CredentialState', CredentialState.fromJSON);
    if (state) await handleState(state);
    else await handleTombstone(event.subject);
    deps.onChanged();
  };
}

function episodeThatNeedsSomebody(state: CredentialState): string | undefined {
  const dead =
    state.status === CredentialStatus.EXPIRED ||
    state.status === CredentialStatus.INSUFFICIENT_SCOPE;
  return dead ? state.episodeId || undefined : undefined;
}

function delayOf(state: CredentialState) {
  const trouble = delayTrouble(state);
  return trouble && { accountId: state.accountId, trouble };
}

function endedByItself({ actor, status }: CredentialState): boolean {
  return (
    actor?.kind === Actor_Kind.SYSTEM &&
    (status === CredentialStatus.HEALTHY || status === CredentialStatus.EXPIRING)
  );
}
