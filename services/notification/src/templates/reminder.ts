import type { Notification } from '../notification.ts';
import type { MailContent } from '../sending/mail.ts';
import { listedMail } from './listed-mail.ts';
import type { TemplateContext } from './mail-content.ts';
import { messages } from './messages.ts';

/** What was told as expired 1, 3 or 7 days ago still waits for its renewal. It says how to hear no more of it. */
export function reminderMail(
  notifications: readonly [Notification, ...Notification[]],
  context: TemplateContext,
): MailContent {
  const [first, ...others] = notifications;
  const intro =
    others.length === 0
      ? messages.stillExpired(first)
      : messages.stillExpiredMany(notifications.length);
  return listedMail(notifications, { subject: messages.reminderSubject, intro }, context);
}
