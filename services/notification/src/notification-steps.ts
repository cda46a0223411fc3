import type { Explanation, Notification, NotificationState } from './notification.ts';

// Every step is pure: a store applies it to what is newest, and more than once where another was faster.

/** Nothing that was not sent yet is sent any more; what was sent, or may be out, stays as it is. */
export function cancelled(
  notification: Notification,
  why: { atMs: number; code: Explanation['code'] },
): Notification {
  return notification.state === 'waiting'
    ? {
        ...into(notification, 'cancelled', why.atMs),
        explanation: { code: why.code },
        episodeOpen: false,
      }
    : notification;
}

/** A sender has it, under `mailId`; it is looked at again at `untilMs` if nothing more is heard. Only of what waits. */
export function claimed(
  notification: Notification,
  { mailId, atMs, untilMs }: { mailId: string; atMs: number; untilMs: number },
): Notification {
  return {
    ...into(notification, 'handing_over', atMs),
    mailId,
    dueAtMs: untilMs,
    handovers: (notification.handovers ?? 0) + 1,
  };
}

/** Whether this is still the claim that was made as `claim`, and not a later one. */
export function isClaim(notification: Notification, claim: Notification): boolean {
  return (
    notification.state === 'handing_over' &&
    notification.mailId === claim.mailId &&
    notification.handovers === claim.handovers
  );
}

/** The mail is certainly not out: it waits again, as it did before the claim. */
export function released(notification: Notification, before: Notification): Notification {
  return {
    ...into(notification, 'waiting', before.stateAtMs ?? before.createdAtMs),
    mailId: before.mailId,
    dueAtMs: before.dueAtMs,
  };
}

/** Nothing was heard of the claim: it waits again, and keeps the mail's id for the next try. */
export function resumed(notification: Notification, nowMs: number): Notification {
  return notification.state === 'handing_over' && notification.dueAtMs <= nowMs
    ? into(notification, 'waiting', nowMs)
    : notification;
}

export function sent(
  notification: Notification,
  { mailId, atMs }: { mailId: string; atMs: number },
): Notification {
  return { ...into(notification, 'sent', atMs), mailId, sentAtMs: atMs };
}

/** It will never work: somebody else has to be told. */
export function failed(
  notification: Notification,
  { atMs, explanation }: { atMs: number; explanation: Explanation },
): Notification {
  return escalating({ ...into(notification, 'failed', atMs), explanation });
}

/** An administrator is told instead, once, if the recipient was to act. */
export function escalating(notification: Notification): Notification {
  switch (notification.kind) {
    case 'expired':
    case 'expiring':
    case 'reminder':
      return notification.escalate === undefined
        ? { ...notification, escalate: true }
        : notification;
    case 'recovered':
    case 'delayed':
    case 'escalation':
    case 'drill':
      return notification;
    default:
      return notification.kind satisfies never;
  }
}

export function escalated(notification: Notification): Notification {
  return { ...notification, escalate: false };
}

export function episodeSettled(notification: Notification, atMs: number): Notification {
  return { ...cancelled(notification, { atMs, code: 'over' }), episodeOpen: false };
}

export function postponed(notification: Notification, untilMs: number): Notification {
  return notification.state === 'waiting'
    ? { ...notification, attempts: notification.attempts + 1, dueAtMs: untilMs }
    : notification;
}

export function into(
  notification: Notification,
  state: NotificationState,
  stateAtMs: number,
): Notification {
  return { ...notification, state, stateAtMs };
}
