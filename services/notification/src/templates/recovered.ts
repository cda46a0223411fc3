import type { Notification } from '../notification.ts';
import type { MailContent } from '../sending/mail.ts';
import { affectedFacts, whyNotes } from './affected-facts.ts';
import { footer, mailContent, type TemplateContext } from './mail-content.ts';
import { paragraph } from './mail-document.ts';
import { affectedWords, messages } from './messages.ts';

const listedAtMost = 50;
const namedAtMost = 10;

/** What had been told as expired works again by itself: nothing to do (semantics 5), so there is no button. */
export function recoveredMail(
  notifications: readonly [Notification, ...Notification[]],
  context: TemplateContext,
): MailContent {
  const [first, ...others] = notifications;
  const intro =
    others.length === 0
      ? messages.recovered(affectedWords(first))
      : messages.recoveredMany(notifications.length);
  return mailContent({
    subject: messages.recoveredSubject,
    preheader: intro,
    blocks: [
      paragraph(messages.greeting(first.recipient.name)),
      paragraph(intro),
      ...notifications.slice(0, listedAtMost).map((one) => affectedFacts(one, namedAtMost)),
      ...whyNotes(first.uses),
      ...footer(context, { hasLink: false }),
    ],
  });
}
