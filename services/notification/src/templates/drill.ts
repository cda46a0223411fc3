import type { Notification } from '../notification.ts';
import type { MailContent } from '../sending/mail.ts';
import { renewalLink } from '../sending/renewal-link.ts';
import { whyNotes } from './affected-facts.ts';
import { mailContent, type TemplateContext } from './mail-content.ts';
import { type Block, button, facts, note, paragraph } from './mail-document.ts';
import { affectedWords, messages, timeInWords } from './messages.ts';

/**
 * A rehearsed expiry. Its subject, its first words and its button say so: it must never be taken for the real thing, nor the real thing for
 * it.
 */
export function drillMail(
  notifications: readonly [Notification, ...Notification[]],
  context: TemplateContext,
): MailContent {
  const [first] = notifications;
  return mailContent({
    subject: `${messages.drillMark} ${messages.expiredSubject}`,
    preheader: messages.drillNothingExpired,
    blocks: [
      paragraph(messages.drillNothingExpired),
      paragraph(messages.greeting(first.recipient.name)),
      ...notifications.flatMap((one) => section(one, context)),
      note(messages.linkGrantsNothing(context.productName)),
      note(context.productName),
    ],
  });
}

function section(notification: Notification, { publicUrl }: TemplateContext): Block[] {
  const { uses, trouble, episodeId } = notification;
  const link = new URL(renewalLink(publicUrl, uses));
  // The page then knows what the reader came for, also when it is over.
  link.searchParams.set('drill', episodeId);
  return [
    paragraph(messages.drillHappened(affectedWords(notification))),
    paragraph(messages.drillWhatToDo),
    facts([
      ...uses.map((use) => ({
        label: use.kind === 'source' ? messages.sourceLabel : messages.connectionLabel,
        value: messages.use(use),
      })),
      { label: messages.providerLabel, value: trouble.providerName },
      { label: messages.drillBeganLabel, value: timeInWords(trouble.sinceMs) },
    ]),
    button(messages.drillButton, link.href, 'drill'),
    ...whyNotes(uses),
  ];
}
