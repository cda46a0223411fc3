import type { Explanation, Notification, NotificationState } from '../notification.ts';
import { escalating } from '../notification-steps.ts';
import type { DeliveryReport } from '../transports/delivery-report.ts';

/** What a report says beside who said it. */
export type ReportedFate = Pick<DeliveryReport, 'mailId' | 'kind' | 'atMs' | 'text'>;

/**
 * What a report makes of a notification whose mail it speaks of. Reports come before our own mark, twice, and in any order, so
 * the answer depends on the set of them only: what is known better wins (a bounce over a delivery over an acceptance), of the same the
 * earliest time counts, and nothing goes back. A mail that we took for not sent, but that its provider has, is out.
 */
export function applyReport(notification: Notification, report: ReportedFate): Notification {
  if (notification.mailId !== report.mailId) return notification;
  const reported = stateOf(report.kind);
  const difference = certaintyOf(reported) - certaintyOf(notification.state);
  if (difference < 0) return withSentAt(notification, report.atMs);

  const knownAtMs =
    difference > 0 ? report.atMs : Math.min(notification.stateAtMs ?? report.atMs, report.atMs);
  const explanation =
    difference > 0 ? explanationOf(report) : clearerExplanation(notification, report);
  const { explanation: _, ...before } = notification;
  const after: Notification = withSentAt(
    { ...before, state: reported, stateAtMs: knownAtMs, ...(explanation && { explanation }) },
    report.atMs,
  );
  return reported === 'bounced' ? escalating(after) : after;
}

function stateOf(kind: DeliveryReport['kind']): 'sent' | 'delivered' | 'bounced' {
  switch (kind) {
    case 'accepted':
    case 'deferred':
      return 'sent';
    case 'delivered':
    case 'complained':
      return 'delivered';
    case 'bounced':
    case 'dropped':
      return 'bounced';
    default:
      return kind satisfies never;
  }
}

function certaintyOf(state: NotificationState): number {
  switch (state) {
    case 'waiting':
    case 'handing_over':
    case 'cancelled':
    case 'failed':
      return 0;
    case 'sent':
      return 1;
    case 'delivered':
      return 2;
    case 'bounced':
      return 3;
    default:
      return state satisfies never;
  }
}

function explanationOf({ kind, text }: ReportedFate): Explanation | undefined {
  switch (kind) {
    case 'bounced':
    case 'dropped':
      return { code: 'bounced', text };
    case 'complained':
      return { code: 'complained', text };
    case 'accepted':
    case 'deferred':
    case 'delivered':
      return undefined;
    default:
      return kind satisfies never;
  }
}

/** Of two that say the same, that of the earlier report; where both are of one moment, any rule will do that is always the same. */
function clearerExplanation(known: Notification, report: ReportedFate): Explanation | undefined {
  const told = explanationOf(report);
  if (!told || !known.explanation) return told ?? known.explanation;
  // A delivery's moment is not that of the complaint about it, so only the words decide.
  const byTime = told.code === 'bounced' ? report.atMs - (known.stateAtMs ?? report.atMs) : 0;
  if (byTime !== 0) return byTime < 0 ? told : known.explanation;
  return (told.text ?? '') < (known.explanation.text ?? '') ? told : known.explanation;
}

function withSentAt(notification: Notification, atMs: number): Notification {
  const { sentAtMs } = notification;
  return sentAtMs !== undefined && sentAtMs <= atMs
    ? notification
    : { ...notification, sentAtMs: atMs };
}
