import type { Notification } from '../notification.ts';
import type { MailContent } from '../sending/mail.ts';
import { listedMail } from './listed-mail.ts';
import type { TemplateContext } from './mail-content.ts';
import { messages } from './messages.ts';

/** A life ends at a known moment and nothing but a renewal prolongs it: time to do so before anything stops. */
export function expiringMail(
  notifications: readonly [Notification, ...Notification[]],
  context: TemplateContext,
): MailContent {
  const intro = messages.expiringIntro(notifications.length);
  return listedMail(notifications, { subject: messages.expiringSubject, intro }, context);
}
