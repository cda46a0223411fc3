import type { Notification } from '../notification.ts';
import type { MailContent } from '../sending/mail.ts';
import { mySourcesLink } from '../sending/renewal-link.ts';
import { footer, mailContent, type TemplateContext } from './mail-content.ts';
import { button, paragraph } from './mail-document.ts';
import { messages } from './messages.ts';
import { section } from './section.ts';

// Keeps the mail far below the 102 kB at which large mailbox providers begin to cut.
const listedAtMost = 30;

/** A mail with a section for each notification; what is too much is counted, and found on the page. */
export function listedMail(
  notifications: readonly [Notification, ...Notification[]],
  words: { subject: string; intro: string },
  context: TemplateContext,
): MailContent {
  const unlisted = notifications.length - listedAtMost;
  const hasLink = notifications.some(({ kind }) => kind !== 'recovered' && kind !== 'delayed');
  return mailContent({
    subject: words.subject,
    preheader: words.intro,
    blocks: [
      paragraph(messages.greeting(notifications[0].recipient.name)),
      paragraph(words.intro),
      ...notifications.slice(0, listedAtMost).flatMap((one) => section(one, context)),
      ...(unlisted > 0
        ? [
            paragraph(messages.digestMore(unlisted)),
            button(messages.mySourcesButton, mySourcesLink(context.publicUrl)),
          ]
        : []),
      ...footer(context, { hasLink: hasLink || unlisted > 0 }),
    ],
  });
}
