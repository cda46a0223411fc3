import { type Clock, currentTraceparent, type Logger, uuidv7 } from '@credential-renewal/runtime';
import { admitToWindow } from './delivery.ts';
import { isUsableAddress } from './mail-address.ts';
import type { Notification } from './notification.ts';
import type { NotificationStore } from './store/notification-store.ts';

export type Notice = Pick<
  Notification,
  | 'kind'
  | 'episodeId'
  | 'credentialId'
  | 'accountId'
  | 'recipient'
  | 'trouble'
  | 'uses'
  | 'dependentSources'
  | 'recoveredAtMs'
>;

/**
 * Makes the one notification of an episode, recipient and kind, unless it exists, and decides when it goes out. Who
 * cannot be reached is written down as failed, so that it shows in the metrics and is not tried for ever.
 */
export function createNotifier(deps: {
  store: NotificationStore;
  clock: Clock;
  logger: Logger;
  digestWindowMs: number;
}): (notice: Notice) => Promise<void> {
  const { store, clock, logger, digestWindowMs } = deps;

  async function schedule(notice: Notice, nowMs: number): Promise<Schedule> {
    const { email, userId } = notice.recipient;
    if (!isUsableAddress(email)) {
      const failure = email === '' ? 'address_missing' : 'address_unusable';
      return { state: 'failed', failure, dueAtMs: nowMs, inDigest: false };
    }
    const { dueAtMs, inDigest } = await store.admit(userId, notice.kind, (window) =>
      admitToWindow(window, { episodeId: notice.episodeId, nowMs, windowMs: digestWindowMs }),
    );
    return { state: 'waiting', dueAtMs, inDigest };
  }

  return async (notice) => {
    const { episodeId, kind, recipient } = notice;
    if (await store.find({ episodeId, kind, userId: recipient.userId })) return;

    const nowMs = clock.nowMs();
    const notification: Notification = {
      id: uuidv7(nowMs),
      ...pickNotice(notice),
      ...(await schedule(notice, nowMs)),
      episodeOpen: kind === 'expired',
      createdAtMs: nowMs,
      attempts: 0,
      traceparent: currentTraceparent(),
    };
    const created = await store.create(notification);
    if (created && notification.state === 'failed') {
      logger.warn(
        {
          notification_id: notification.id,
          episode_id: episodeId,
          user_id: recipient.userId,
          failure: notification.failure,
        },
        'a recipient has no address that mail can be sent to',
      );
    }
  };
}

type Schedule = Pick<Notification, 'state' | 'failure' | 'dueAtMs' | 'inDigest'>;

/** A follow-up is made from a whole notification; only what the notice is about is taken over. */
function pickNotice(notice: Notice): Notice {
  return {
    kind: notice.kind,
    episodeId: notice.episodeId,
    credentialId: notice.credentialId,
    accountId: notice.accountId,
    recipient: notice.recipient,
    trouble: notice.trouble,
    uses: notice.uses,
    dependentSources: notice.dependentSources,
    recoveredAtMs: notice.recoveredAtMs,
  };
}
