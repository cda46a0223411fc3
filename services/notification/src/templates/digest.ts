import type { MailContent } from '../mail.ts';
import type { Notification } from '../notification.ts';
import { mySourcesLink, renewalLink } from '../renewal-link.ts';
import { affectedFacts, whyNotes } from './affected-facts.ts';
import { mailContent, type TemplateContext } from './mail-content.ts';
import { type Block, button, heading, note, paragraph } from './mail-document.ts';
import { messages, namesInSeries } from './messages.ts';

// Keeps the mail far below the 102 kB at which large mailbox providers begin to cut.
const listedAtMost = 30;
const namedAtMost = 3;

/** Several credentials of one person died within a short time: one mail, a section and a button for each. */
export function digestMail(
  notifications: readonly [Notification, ...Notification[]],
  context: TemplateContext,
): MailContent {
  const intro = messages.digestIntro(notifications.length);
  const unlisted = notifications.length - listedAtMost;
  return mailContent({
    subject: messages.expiredSubject,
    preheader: intro,
    blocks: [
      paragraph(messages.greeting(notifications[0].recipient.name)),
      paragraph(intro),
      ...notifications.slice(0, listedAtMost).flatMap((one) => section(one, context)),
      ...(unlisted > 0
        ? [
            paragraph(messages.digestMore(unlisted)),
            button(messages.mySourcesButton, mySourcesLink(context.publicUrl)),
          ]
        : []),
      note(messages.linkGrantsNothing(context.productName)),
      note(context.productName),
    ],
  });
}

function section(notification: Notification, context: TemplateContext): Block[] {
  return [
    heading(
      namesInSeries(
        notification.uses.map((use) => use.name),
        namedAtMost,
      ),
    ),
    paragraph(notification.trouble.reasonText),
    affectedFacts(notification, namedAtMost),
    paragraph(messages.whatToDo(notification.trouble)),
    button(messages.renewButton, renewalLink(context.publicUrl, notification.uses)),
    ...whyNotes(notification.uses),
  ];
}
