import type { Notification, NotificationKind } from '../notification.ts';
import type { MailContent } from '../sending/mail.ts';
import { listedMail } from './listed-mail.ts';
import type { TemplateContext } from './mail-content.ts';
import { messages } from './messages.ts';

/** What comes first is what somebody has to do something about. */
const order: readonly NotificationKind[] = [
  'expired',
  'reminder',
  'escalation',
  'expiring',
  'delayed',
  'recovered',
];

/** The one mail a day of somebody who has chosen so. */
export function dailyMail(
  notifications: readonly [Notification, ...Notification[]],
  context: TemplateContext,
): MailContent {
  const [first = notifications[0], ...others] = [...notifications].sort(
    (one, other) => order.indexOf(one.kind) - order.indexOf(other.kind),
  );
  const words = { subject: messages.dailySubject, intro: messages.dailyIntro(notifications) };
  return listedMail([first, ...others], words, context);
}
