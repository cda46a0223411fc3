import type { Clock, Logger } from '@credential-renewal/runtime';
import type { Explanation, Notification } from '../notification.ts';
import { claimed, failed, isClaim, released } from '../notification-steps.ts';
import { applyReport } from '../reports/apply-report.ts';
import type { NotificationStore } from '../store/notification-store.ts';
import type { MailHandover } from '../transports/mail-handover.ts';
import { handoverFailure } from './handover-failure.ts';
import type { Mail } from './mail.ts';
import type { MailTransport } from './mail-transport.ts';
import { someAtATime } from './some-at-a-time.ts';

export type HandoverTransportDeps = {
  handover: MailHandover;
  store: NotificationStore;
  clock: Clock;
  logger: Logger;
  /** How long one handing over may take, but for an answer to the whole mail where the transport tells when it is out. */
  timeoutMs: number;
  /** How long that answer may take: a mail server that is slow there has often taken the mail. */
  replyTimeoutMs: number;
  /** How long a transport with reports has to tell of a mail whose fate is unknown, before it is sent again. */
  reportWaitMs: number;
};

/** After so many handings over without a known outcome somebody has to look: the mail may have arrived each time, or never. */
export const mostHandovers = 5;

/** Many parts of a digest are claimed at a time, not one after the other and not all at once. */
const atATime = 50;

/**
 * Hands mails to another machine, which cannot be one change with our store. So:
 *
 *   claim   each part goes from `waiting` to `handing_over` under `mail.id`, by one conditional change. Of any number of senders that
 *           do so one gets the first part; who does not get all gives back what he has got.
 *   hand    the mail goes out with the same Message-ID on every try.
 *   mark    each part is `sent`.
 *
 * A sender that dies or hears nothing in between leaves claims, and nobody knows whether the mail is out. After `untilMs` of the claim they wait
 * again (`resumed`), under the same mail's id; the sender then asks once more whether the news is still true.
 *
 * - A transport that reports has `reportWaitMs` for it: a report of that mail's id settles the claim before any second try
 *   (`applyReport`). So a second mail takes a provider that accepted the mail and was silent about it for so long.
 * - Plain SMTP can tell nothing, so it is tried again once the claim is older than any live sender's: at most one more mail for each crash or unanswered
 *   try, with the same Message-ID, by which mailbox providers drop the second.
 *
 * Five tries with unknown outcome are an end: `failed`, and an administrator is told.
 */
export function createHandoverTransport(deps: HandoverTransportDeps): MailTransport {
  const { handover, store, clock, logger, timeoutMs } = deps;
  const { replyTimeoutMs } = deps;
  // Twice, so that the claim of a sender that is only slow is not taken for a dead one's.
  const claimMs = handover.reports
    ? Math.max(deps.reportWaitMs, 2 * timeoutMs)
    : 2 * (timeoutMs + replyTimeoutMs);

  /** The claim, or undefined: it does not wait any more as it was read. */
  async function claim(part: Notification, mailId: string): Promise<Notification | undefined> {
    const atMs = clock.nowMs();
    let won = false;
    const after = await store.update(part.id, (now) => {
      won = now.state === 'waiting' && now.mailId === part.mailId;
      return won ? claimed(now, { mailId, atMs, untilMs: atMs + claimMs }) : now;
    });
    return won ? after : undefined;
  }

  /** All, or undefined and none. */
  async function claimAll(mailId: string, parts: readonly Notification[]) {
    const [oldest, ...others] = parts;
    // Of those who send the same digest the one who gets its first part goes on.
    const first = oldest && (await claim(oldest, mailId));
    if (!first) return undefined;
    const claims = [first];
    let missing = false;
    for (let from = 0; from < others.length && !missing; from += atATime) {
      const some = await Promise.all(
        others.slice(from, from + atATime).map((part) => claim(part, mailId)),
      );
      for (const one of some) {
        if (one) claims.push(one);
        else missing = true;
      }
    }
    if (!missing) return claims;
    await giveBack(claims, parts);
    return undefined;
  }

  const changeClaims = (
    claims: readonly Notification[],
    step: (now: Notification) => Notification,
  ) =>
    someAtATime(claims, (one) =>
      store.update(one.id, (now) => (isClaim(now, one) ? step(now) : now)),
    );

  function giveBack(claims: readonly Notification[], parts: readonly Notification[]) {
    const before = new Map(parts.map((part) => [part.id, part]));
    return changeClaims(claims, (now) => released(now, before.get(now.id) ?? now));
  }

  async function markSent(mailId: string, claims: readonly Notification[]): Promise<void> {
    const accepted = { mailId, kind: 'accepted', atMs: clock.nowMs(), text: '' } as const;
    await someAtATime(claims, ({ id }) => store.update(id, (now) => applyReport(now, accepted)));
  }

  const giveUp = (claims: readonly Notification[], explanation: Explanation) =>
    changeClaims(claims, (now) => failed(now, { atMs: clock.nowMs(), explanation }));

  async function handOverInTime(mail: Mail): Promise<void> {
    const ending = new AbortController();
    const endIn = (ms: number) => setTimeout(() => ending.abort(), ms);
    let timer = endIn(timeoutMs);
    try {
      await handover.handOver(mail, ending.signal, () => {
        clearTimeout(timer);
        timer = endIn(replyTimeoutMs);
      });
    } finally {
      clearTimeout(timer);
    }
  }

  async function handOver(
    mail: Mail,
    claims: readonly Notification[],
    parts: readonly Notification[],
  ) {
    try {
      await handOverInTime(mail);
    } catch (error) {
      const failure = handoverFailure(error);
      switch (failure.kind) {
        case 'refused':
          await giveUp(claims, { code: 'refused', text: failure.text });
          throw error;
        case 'busy':
        case 'not_handed_over':
          await giveBack(claims, parts);
          throw error;
        case 'unknown': {
          const tries = Math.max(...claims.map(({ handovers = 0 }) => handovers));
          if (tries >= mostHandovers) await giveUp(claims, { code: 'outcome_unknown' });
          throw error;
        }
        default:
          return failure satisfies never;
      }
    }
    await markSent(mail.id, claims);
  }

  return {
    name: handover.name,
    async deliver(mail, parts) {
      const claims = await claimAll(mail.id, parts);
      if (!claims) return 'superseded';
      if (claims.some(({ handovers = 0 }) => handovers > 1)) {
        logger.warn({ mail_id: mail.id }, 'a mail of which nothing was heard is sent again');
      }
      await handOver(mail, claims, parts);
      return 'sent';
    },
  };
}
