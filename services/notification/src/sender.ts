import {
  backoffMs,
  type Clock,
  type Logger,
  runInSpan,
  runWithTrace,
} from '@credential-renewal/runtime';
import { composeMail } from './compose-mail.ts';
import type { Mail } from './mail.ts';
import type { MailAddress } from './mail-address.ts';
import type { MailTransport } from './mail-transport.ts';
import type { NotificationMetrics } from './metrics.ts';
import { cancelled, type Notification, postponed } from './notification.ts';
import type { NotificationStore } from './store/notification-store.ts';
import type { TemplateContext } from './templates/mail-content.ts';
import { isStillTrue } from './watched-credential.ts';

export type SenderDeps = {
  store: NotificationStore;
  transport: MailTransport;
  clock: Clock;
  logger: Logger;
  random: () => number;
  metrics?: NotificationMetrics;
  context: TemplateContext & { from: MailAddress };
};

/**
 * Sends all that is due, one mail after the other, and answers in how many milliseconds the next is due (undefined:
 * nothing waits). One mail's failure postpones that mail alone.
 */
export function createSender(
  deps: SenderDeps,
): (signal?: AbortSignal) => Promise<number | undefined> {
  const { store, transport, clock, logger } = deps;

  /** Those of `candidates` whose news is still news; the others are cancelled. */
  async function keepTrue(candidates: readonly Notification[]): Promise<Notification[]> {
    const kept: Notification[] = [];
    for (const candidate of candidates) {
      const credential = await store.getCredential(candidate.credentialId);
      if (isStillTrue(candidate, credential)) kept.push(candidate);
      else await store.update(candidate.id, cancelled);
    }
    return kept;
  }

  async function send(due: Notification, nowMs: number): Promise<void> {
    const { recipient, kind, inDigest } = due;
    const candidates = inDigest ? await store.listDueDigest(recipient.userId, kind, nowMs) : [due];
    const [oldest, ...others] = await keepTrue(candidates);
    if (!oldest) return;
    const parts = [oldest, ...others] as const;
    try {
      const mail = composeMail([...parts], deps.context);
      if ((await transport.deliver(mail, parts)) === 'sent') logSent(mail, parts);
    } catch (err) {
      await postpone(parts, err);
    }
  }

  function logSent(mail: Mail, parts: readonly Notification[]): void {
    for (const part of parts) {
      const { id, episodeId, traceparent } = part;
      deps.metrics?.mailed(part);
      runInSpan(
        { name: 'mail sent', kind: 'internal', attributes: { 'mail.kind': mail.kind } },
        () =>
          logger.info(
            { notification_id: id, episode_id: episodeId, mail_id: mail.id, kind: mail.kind },
            'mail sent',
          ),
        { traceparent },
      );
    }
  }

  async function postpone(parts: readonly Notification[], err: unknown): Promise<void> {
    const { random } = deps;
    for (const part of parts) {
      const waitMs = backoffMs(part.attempts + 1, { baseMs: 5_000, maxMs: 3_600_000, random });
      const nextTryMs = clock.nowMs() + waitMs;
      await store.update(part.id, (now) => postponed(now, nextTryMs));
      runWithTrace(part.traceparent, () =>
        logger.error(
          { err, notification_id: part.id, episode_id: part.episodeId, wait_ms: waitMs },
          'a mail could not be sent; it is tried again',
        ),
      );
    }
  }

  return async (signal) => {
    while (!signal?.aborted) {
      const first = await store.firstWaiting();
      if (!first) return undefined;
      const nowMs = clock.nowMs();
      if (first.dueAtMs > nowMs) return first.dueAtMs - nowMs;
      await send(first, nowMs);
    }
    return undefined;
  };
}
