import type { Notification } from '../notification.ts';
import type { MailContent } from '../sending/mail.ts';
import { renewalLink } from '../sending/renewal-link.ts';
import { affectedFacts, whyNotes } from './affected-facts.ts';
import { footer, mailContent, type TemplateContext } from './mail-content.ts';
import { button, paragraph } from './mail-document.ts';
import { messages } from './messages.ts';

const listedAtMost = 100;

/** A credential died, or lacks permissions: what, why, since when, and where to renew it. */
export function expiredMail(notification: Notification, context: TemplateContext): MailContent {
  const { trouble, uses, recipient } = notification;
  const happened = messages.whatHappened(notification);
  return mailContent({
    subject: messages.expiredSubject,
    preheader: happened,
    blocks: [
      paragraph(messages.greeting(recipient.name)),
      paragraph(happened),
      paragraph(trouble.reasonText),
      affectedFacts(notification, listedAtMost),
      paragraph(messages.whatToDo(trouble)),
      button(messages.renewButton, renewalLink(context.publicUrl, uses)),
      ...whyNotes(uses),
      ...footer(context, { hasLink: true }),
    ],
  });
}
