import {
  backoffMs,
  type Clock,
  type Logger,
  runInSpan,
  runWithTrace,
  type TokenBucket,
} from '@credential-renewal/runtime';
import type { Notification } from '../notification.ts';
import { cancelled, postponed, resumed } from '../notification-steps.ts';
import { defaultPreferences, type Preferences } from '../preferences/preferences.ts';
import type { NotificationStore } from '../store/notification-store.ts';
import type { PreferencesStore } from '../store/preferences-store.ts';
import { composeMail, type MailContext } from './compose-mail.ts';
import { handoverFailure } from './handover-failure.ts';
import { createLanes, type Lanes } from './lanes.ts';
import type { Mail } from './mail.ts';
import type { MailMetrics } from './mail-metrics.ts';
import type { MailTransport } from './mail-transport.ts';
import { someAtATime } from './some-at-a-time.ts';
import { noLongerToSend } from './still-to-send.ts';

export type SenderDeps = {
  store: NotificationStore;
  preferences: PreferencesStore;
  transport: MailTransport;
  clock: Clock;
  logger: Logger;
  random: () => number;
  /** An account's own sender, name and address of the pages. */
  contextOf: (accountId: string) => MailContext;
  /** Absent: as many as there are. */
  rate?: TokenBucket;
  /** Mails under way at once; one that is slow or hangs holds up no more than itself. */
  concurrency?: number;
  metrics?: MailMetrics;
};

/** How many notifications are looked at, at a time: enough to keep every lane busy, and little memory. */
const batch = 100;
/** At most so much later than a transport that was down is everything out. */
const backoff = { baseMs: 5_000, maxMs: 600_000 };

/**
 * Sends all that is due, digests first and then what has waited longest, and answers in how many milliseconds there is something to do
 * again (undefined: nothing waits). One mail's failure postpones that mail alone; a transport that asks for patience gets it for all.
 */
export function createSender(
  deps: SenderDeps,
): (signal?: AbortSignal) => Promise<number | undefined> {
  const { store, transport, clock, logger, metrics } = deps;
  let busyUntilMs = Number.NEGATIVE_INFINITY;
  /** The rate lets nothing out in it. Each event wakes the sender, and a storm of them must not have it read what it cannot send. */
  let rateWait = { fromMs: 0, untilMs: 0 };

  /** Those of `candidates` that are news and wanted; the others are cancelled. */
  async function keepWanted(candidates: readonly Notification[]): Promise<Notification[]> {
    const kept: Notification[] = [];
    let reader: Preferences | undefined;
    for (const candidate of candidates) {
      const { accountId, recipient, credentialId } = candidate;
      reader ??=
        (await deps.preferences.get({ accountId, userId: recipient.userId })) ?? defaultPreferences;
      const credential = await store.getCredential(credentialId);
      const atMs = clock.nowMs();
      const code = noLongerToSend(candidate, { credential, reader, nowMs: atMs });
      if (!code) kept.push(candidate);
      else await store.update(candidate.id, (now) => cancelled(now, { atMs, code }));
    }
    return kept;
  }

  /** All that goes out in the same mail. */
  async function candidatesBeside(due: Notification, nowMs: number): Promise<Notification[]> {
    const { mailId, recipient, kind, inDigest, daily } = due;
    if (mailId !== undefined) {
      const parts = await store.listOfMail(mailId);
      return parts.filter(({ state }) => state === 'waiting');
    }
    if (!inDigest) return [due];
    const digest = { userId: recipient.userId, of: daily ? ('daily' as const) : kind };
    const parts = await store.listDueDigest(digest, nowMs);
    // What may be out in another mail goes again with that one's parts only.
    return parts.filter((part) => part.mailId === undefined);
  }

  async function send(due: Notification): Promise<void> {
    const nowMs = clock.nowMs();
    const [oldest, ...others] = await keepWanted(await candidatesBeside(due, nowMs));
    if (!oldest) return;
    const parts = [oldest, ...others] as const;
    try {
      const mail = composeMail(parts, { ...deps.contextOf(oldest.accountId), nowMs });
      if ((await transport.deliver(mail, parts)) === 'sent') {
        metrics?.sent(mail.kind, parts);
        logSent(mail, parts);
      }
    } catch (err) {
      await handleFailure(parts, err);
    }
  }

  function logSent(mail: Mail, parts: readonly Notification[]): void {
    for (const part of parts) {
      const { id, episodeId, traceparent } = part;
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

  async function handleFailure(parts: readonly Notification[], err: unknown): Promise<void> {
    const failure = handoverFailure(err);
    metrics?.failed(failure.kind);
    switch (failure.kind) {
      case 'busy':
        busyUntilMs = clock.nowMs() + failure.retryAfterMs;
        logger.warn({ err, wait_ms: failure.retryAfterMs }, 'the mail transport asks for patience');
        return;
      case 'refused':
        return logFailure(parts, err, 'a mail was refused for good');
      case 'not_handed_over':
      case 'unknown':
        return postpone(parts, err);
      default:
        return failure satisfies never;
    }
  }

  /** What a transport has claimed or given up is not touched. */
  async function postpone(parts: readonly Notification[], err: unknown): Promise<void> {
    // One wait for all, so that a digest stays one mail.
    const attempt = Math.max(...parts.map(({ attempts }) => attempts)) + 1;
    const waitMs = backoffMs(attempt, { ...backoff, random: deps.random });
    const nextTryMs = clock.nowMs() + waitMs;
    await someAtATime(parts, ({ id }) => store.update(id, (now) => postponed(now, nextTryMs)));
    logFailure(parts, err, 'a mail could not be sent; it is tried again');
  }

  function logFailure(parts: readonly Notification[], err: unknown, text: string): void {
    for (const { id, episodeId, traceparent } of parts) {
      runWithTrace(traceparent, () =>
        logger.error({ err, notification_id: id, episode_id: episodeId }, text),
      );
    }
  }

  async function resumeOldClaims(nowMs: number): Promise<void> {
    for (;;) {
      const old = await store.listOldClaims(nowMs, batch);
      await someAtATime(old, ({ id }) => store.update(id, (now) => resumed(now, nowMs)));
      if (old.length < batch) return;
    }
  }

  /** As many as there is room and rate for; answers with the wait, where the rate has ended it. */
  function startSome(lanes: Lanes, due: readonly Notification[]): number | undefined {
    for (const one of due) {
      if (!lanes.hasRoom() || busyUntilMs > clock.nowMs()) return undefined;
      if (lanes.has(mailKey(one))) continue;
      const waitMs = deps.rate?.take() ?? 0;
      if (waitMs > 0) {
        const fromMs = clock.nowMs();
        rateWait = { fromMs, untilMs: fromMs + waitMs };
        return waitMs;
      }
      lanes.start(mailKey(one), () => send(one));
    }
    return undefined;
  }

  async function nextDueInMs(nowMs: number): Promise<number | undefined> {
    const next = await store.nextDueAtMs();
    return next === undefined ? undefined : Math.max(0, next - nowMs);
  }

  return async (signal) => {
    const lanes = createLanes(deps.concurrency ?? 1);
    try {
      while (!signal?.aborted) {
        const nowMs = clock.nowMs();
        if (busyUntilMs > nowMs) return busyUntilMs - nowMs;
        // Before it began the clock was set back.
        if (nowMs >= rateWait.fromMs && nowMs < rateWait.untilMs) {
          if (lanes.size === 0) return rateWait.untilMs - nowMs;
          await lanes.someFree(rateWait.untilMs - nowMs);
          continue;
        }
        await resumeOldClaims(nowMs);
        const due = (await store.listDue(nowMs, batch)).filter((one) => !lanes.has(mailKey(one)));
        const rateWaitMs = startSome(lanes, due);
        if (lanes.size === 0) {
          if (due.length === 0) return await nextDueInMs(nowMs);
          if (rateWaitMs !== undefined) return rateWaitMs;
        } else if (due.length > 0 && rateWaitMs === undefined) {
          await lanes.someFree();
        } else {
          // Not only for them: something else may be due before the slowest of them is through.
          await lanes.someFree(rateWaitMs ?? pollMs);
        }
      }
      return undefined;
    } finally {
      await lanes.allFree();
    }
  };
}

/** How long mails that are under way keep the sender from looking for others. */
const pollMs = 1_000;

/** Notifications of one key go out together. */
function mailKey({ id, mailId, inDigest, daily, recipient, kind }: Notification): string {
  if (mailId !== undefined) return `mail ${mailId}`;
  return inDigest ? `digest ${recipient.userId} ${daily ? 'daily' : kind}` : id;
}
