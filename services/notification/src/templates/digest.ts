import type { Notification } from '../notification.ts';
import type { MailContent } from '../sending/mail.ts';
import { listedMail } from './listed-mail.ts';
import type { TemplateContext } from './mail-content.ts';
import { messages } from './messages.ts';

/** Several credentials of one person died within a short time: one mail, a section and a button for each. */
export function digestMail(
  notifications: readonly [Notification, ...Notification[]],
  context: TemplateContext,
): MailContent {
  const isFirst = notifications.some(({ inDigest }) => !inDigest);
  const intro = messages.digestIntro(notifications.length, { isFirst });
  return listedMail(notifications, { subject: messages.expiredSubject, intro }, context);
}
