import type { DeliveryReport } from './delivery-report.ts';
import { providerText } from './provider-text.ts';
import { mailIdArgument } from './sendgrid-mail.ts';

/** One event of SendGrid's webhook in our words; undefined for one that is not for us, or that nobody can make sense of. */
export function toDeliveryReport(event: unknown): DeliveryReport | undefined {
  if (typeof event !== 'object' || event === null) return undefined;
  const read = (name: string): unknown => (event as Record<string, unknown>)[name];
  const kind = kindOf(read('event'));
  const reportId = read('sg_event_id');
  const mailId = read(mailIdArgument);
  const seconds = read('timestamp');
  if (kind === undefined || !isId(reportId) || !isId(mailId) || !isTime(seconds)) return undefined;
  return {
    reportId,
    mailId,
    kind,
    atMs: seconds * 1000,
    text: providerText(textOf(kind, (name) => asText(read(name)))),
  };
}

/** Not tracked: open, click, unsubscribe, group_unsubscribe, group_resubscribe, account_status_change, and what is yet to come. */
function kindOf(event: unknown): DeliveryReport['kind'] | undefined {
  switch (event) {
    case 'processed':
      return 'accepted';
    case 'deferred':
      return 'deferred';
    case 'delivered':
      return 'delivered';
    // Of type `bounce` (the address is bad, and SendGrid drops what comes after) or `blocked` (this mail, this time). Both are final.
    case 'bounce':
      return 'bounced';
    case 'dropped':
      return 'dropped';
    case 'spamreport':
      return 'complained';
    default:
      return undefined;
  }
}

function textOf(kind: DeliveryReport['kind'], read: (name: string) => string): string {
  switch (kind) {
    case 'accepted':
      return '';
    case 'deferred':
    case 'delivered':
      return read('response');
    case 'bounced':
      return [read('type') === 'blocked' ? 'blocked:' : '', read('reason')].join(' ');
    // `Bounced Address`, `Unsubscribed Address`, `Spam Reporting Address`, `Invalid` and such: it is on a list of theirs.
    case 'dropped':
      return read('reason');
    case 'complained':
      return 'marked as spam by its recipient';
    default:
      return kind satisfies never;
  }
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && /^[\x21-\x7e]{1,200}$/.test(value);
}

/** Seconds since 1970. */
function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 && value < 1e11;
}

/** Not `String(value)`: an object with a `toString` of its own would throw, and keep the whole batch back for good. */
function asText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
