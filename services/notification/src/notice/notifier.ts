import { type Clock, currentTraceparent, type Logger, uuidv7 } from '@credential-renewal/runtime';
import type { Notification } from '../notification.ts';
import { failed } from '../notification-steps.ts';
import {
  defaultPreferences,
  nextDailyDigestMs,
  type Preferences,
} from '../preferences/preferences.ts';
import { isUsableAddress } from '../sending/mail-address.ts';
import type { NotificationStore } from '../store/notification-store.ts';
import type { PreferencesStore } from '../store/preferences-store.ts';
import { admitToWindow } from './delivery.ts';

export type Notice = Pick<
  Notification,
  | 'kind'
  | 'number'
  | 'episodeId'
  | 'credentialId'
  | 'accountId'
  | 'recipient'
  | 'trouble'
  | 'uses'
  | 'dependentSources'
  | 'recoveredAtMs'
  | 'expiresAtMs'
  | 'unreachedName'
>;

export type NotifierDeps = {
  store: NotificationStore;
  preferences: PreferencesStore;
  clock: Clock;
  logger: Logger;
  digestWindowMs: number;
  dailyDigestHourUtc: number;
};

/** Resolves with the notification of that key, made now or before. `notBeforeMs`: its turn comes only then. */
export type Notifier = (
  notice: Notice,
  options?: { notBeforeMs?: number },
) => Promise<Notification>;

/**
 * Makes the one notification of an episode, recipient, kind and number, unless it exists, and decides when it goes out. Who
 * cannot be reached is written down as failed, and who wants no mail as cancelled, so that it shows and is not tried for ever.
 */
export function createNotifier(deps: NotifierDeps): Notifier {
  const { store, clock, logger } = deps;

  return async (notice, { notBeforeMs } = {}) => {
    const { episodeId, kind, number, recipient } = notice;
    const key = { episodeId, kind, number, userId: recipient.userId };
    const existing = await store.find(key);
    if (existing) return existing;

    const nowMs = clock.nowMs();
    const waiting: Notification = {
      id: uuidv7(nowMs),
      ...pickNotice(notice),
      ...{ state: 'waiting', stateAtMs: nowMs, createdAtMs: nowMs, dueAtMs: nowMs },
      inDigest: false,
      episodeOpen: kind === 'expired',
      attempts: 0,
      traceparent: currentTraceparent(),
    };
    const notification = await scheduled(waiting, Math.max(nowMs, notBeforeMs ?? nowMs), deps);
    const created = await store.create(notification);
    if (created && notification.state === 'failed') {
      logger.warn(
        {
          notification_id: notification.id,
          episode_id: episodeId,
          user_id: recipient.userId,
          failure: notification.explanation?.code,
        },
        'a recipient has no address that mail can be sent to',
      );
    }
    return created ? notification : ((await store.find(key)) ?? notification);
  };
}

/** With when it goes out, and together with what; or as failed or cancelled. */
async function scheduled(
  waiting: Notification,
  turnMs: number,
  deps: NotifierDeps,
): Promise<Notification> {
  const { recipient, accountId, createdAtMs: atMs } = waiting;
  const { email, userId } = recipient;
  const chosen = (await deps.preferences.get({ accountId, userId })) ?? defaultPreferences;
  if (chosen.timing === 'in_app_only') {
    const explanation = { code: 'in_app_only' } as const;
    return { ...waiting, state: 'cancelled', explanation };
  }
  if (!isUsableAddress(email)) {
    const code = email === '' ? 'address_missing' : 'address_unusable';
    return failed(waiting, { atMs, explanation: { code } });
  }
  return { ...waiting, ...(await placeOf(waiting, turnMs, chosen, deps)) };
}

type Place = Pick<Notification, 'dueAtMs' | 'inDigest' | 'daily' | 'waitsSinceMs'>;

async function placeOf(
  { kind, episodeId, recipient }: Notification,
  turnMs: number,
  { timing }: Preferences,
  { store, clock, digestWindowMs, dailyDigestHourUtc }: NotifierDeps,
): Promise<Place> {
  const nowMs = clock.nowMs();
  // A rehearsal is of what happens at once.
  if (timing === 'daily_digest' && kind !== 'drill') {
    const dueAtMs = nextDailyDigestMs(turnMs, dailyDigestHourUtc);
    return { dueAtMs, waitsSinceMs: dueAtMs, inDigest: true, daily: true };
  }
  if (turnMs > nowMs) {
    // On a common grid, so that all whose turn comes within one window go out in one mail.
    const dueAtMs = Math.ceil(turnMs / digestWindowMs) * digestWindowMs;
    return { dueAtMs, waitsSinceMs: dueAtMs, inDigest: true };
  }
  const { dueAtMs, inDigest } = await store.admit(recipient.userId, kind, (window) =>
    admitToWindow(window, { episodeId, nowMs, windowMs: digestWindowMs }),
  );
  return { dueAtMs, inDigest };
}

/** A follow-up is made from a whole notification; only what the notice is about is taken over. */
function pickNotice(notice: Notice): Notice {
  return {
    kind: notice.kind,
    number: notice.number,
    episodeId: notice.episodeId,
    credentialId: notice.credentialId,
    accountId: notice.accountId,
    recipient: notice.recipient,
    trouble: notice.trouble,
    uses: notice.uses,
    dependentSources: notice.dependentSources,
    recoveredAtMs: notice.recoveredAtMs,
    expiresAtMs: notice.expiresAtMs,
    unreachedName: notice.unreachedName,
  };
}
