import type { Notification } from '../notification.ts';
import type { MailContent } from '../sending/mail.ts';
import { listedMail } from './listed-mail.ts';
import type { TemplateContext } from './mail-content.ts';
import { messages } from './messages.ts';

/** Trouble of a day that nobody of the account can mend: its administrators can answer who asks. No button. */
export function delayedMail(
  notifications: readonly [Notification, ...Notification[]],
  context: TemplateContext,
): MailContent {
  const intro = messages.delayedIntro(notifications.length);
  return listedMail(notifications, { subject: messages.delayedSubject, intro }, context);
}
