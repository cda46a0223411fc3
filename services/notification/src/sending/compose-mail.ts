import { type Notification, waitingSinceMs } from '../notification.ts';
import { dailyMail } from '../templates/daily.ts';
import { delayedMail } from '../templates/delayed.ts';
import { digestMail } from '../templates/digest.ts';
import { drillMail } from '../templates/drill.ts';
import { escalationMail } from '../templates/escalation.ts';
import { expiredMail } from '../templates/expired.ts';
import { expiringMail } from '../templates/expiring.ts';
import type { TemplateContext } from '../templates/mail-content.ts';
import { recoveredMail } from '../templates/recovered.ts';
import { reminderMail } from '../templates/reminder.ts';
import type { Mail, MailContent, MailKind } from './mail.ts';
import type { MailAddress } from './mail-address.ts';

/** What is an account's own in its mails. */
export type MailContext = Pick<TemplateContext, 'publicUrl' | 'productName'> & {
  from: MailAddress;
  /** Where one click turns somebody's reminders off; absent where no key is configured to sign it. */
  unsubscribeUrl?: (notification: Notification) => string;
};

type Parts = readonly [Notification, ...Notification[]];

/** Later than this, a mail says when its news was noticed. */
const lateMs = 3_600_000;

/** One mail for notifications of one recipient that go out together, oldest first. */
export function composeMail(parts: Parts, context: MailContext & { nowMs: number }): Mail {
  const [oldest] = parts;
  const { name, email } = oldest.recipient;
  // What may be out already goes out again as the same mail, also where its oldest part was cancelled meanwhile.
  const id = oldest.mailId ?? oldest.id;
  const kind = mailKind(parts);
  const unsubscribeUrl = parts.some((part) => part.kind === 'reminder')
    ? context.unsubscribeUrl?.(oldest)
    : undefined;
  const isLate = context.nowMs - waitingSinceMs(oldest) > lateMs;
  return {
    ...content(kind, parts, {
      publicUrl: context.publicUrl,
      productName: context.productName,
      unsubscribeUrl,
      lateSinceMs: isLate ? oldest.createdAtMs : undefined,
    }),
    id,
    messageId: `<${id}@${context.from.address.split('@')[1]}>`,
    kind,
    from: context.from,
    to: { name, address: email },
    episodeIds: [...new Set(parts.map((part) => part.episodeId))],
    ...(unsubscribeUrl === undefined ? {} : { unsubscribeUrl }),
  };
}

function mailKind(parts: Parts): MailKind {
  const [{ kind, daily }] = parts;
  if (daily) return 'daily';
  return kind === 'expired' && parts.length > 1 ? 'digest' : kind;
}

function content(kind: MailKind, parts: Parts, context: TemplateContext): MailContent {
  switch (kind) {
    case 'expired':
      return expiredMail(parts[0], context);
    case 'digest':
      return digestMail(parts, context);
    case 'daily':
      return dailyMail(parts, context);
    case 'expiring':
      return expiringMail(parts, context);
    case 'reminder':
      return reminderMail(parts, context);
    case 'recovered':
      return recoveredMail(parts, context);
    case 'drill':
      return drillMail(parts, context);
    case 'delayed':
      return delayedMail(parts, context);
    case 'escalation':
      return escalationMail(parts, context);
    default:
      return kind satisfies never;
  }
}
