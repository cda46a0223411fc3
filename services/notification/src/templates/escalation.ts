import type { Notification } from '../notification.ts';
import type { MailContent } from '../sending/mail.ts';
import { listedMail } from './listed-mail.ts';
import type { TemplateContext } from './mail-content.ts';
import { messages } from './messages.ts';

/** Somebody whom no mail reaches was to act: an administrator is told instead, and why. */
export function escalationMail(
  notifications: readonly [Notification, ...Notification[]],
  context: TemplateContext,
): MailContent {
  const intro = messages.escalationIntro(notifications.length);
  return listedMail(notifications, { subject: messages.escalationSubject, intro }, context);
}
