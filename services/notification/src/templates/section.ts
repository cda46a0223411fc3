import type { Notification } from '../notification.ts';
import { renewalLink } from '../sending/renewal-link.ts';
import { affectedFacts, whyNotes } from './affected-facts.ts';
import type { TemplateContext } from './mail-content.ts';
import { type Block, button, heading, paragraph } from './mail-document.ts';
import { affectedWords, messages, namesInSeries, timeInWords } from './messages.ts';

const namedAtMost = 3;

/** One of several notifications in a mail: what, why, since when, and its button where there is something to do. */
export function section(notification: Notification, context: TemplateContext): Block[] {
  const names = notification.uses.map((use) => use.name);
  return [
    heading(namesInSeries(names, namedAtMost)),
    ...news(notification).map(paragraph),
    affectedFacts(notification, namedAtMost),
    ...action(notification, context),
    ...whyNotes(notification.uses),
  ];
}

function news(notification: Notification): string[] {
  const { kind, trouble, expiresAtMs = 0 } = notification;
  switch (kind) {
    case 'expired':
    case 'reminder':
    case 'drill':
      return [trouble.reasonText];
    case 'escalation':
      return [messages.unreached(notification), trouble.reasonText];
    case 'expiring':
      return [messages.ends(affectedWords(notification), timeInWords(expiresAtMs))];
    case 'delayed':
      return [trouble.reasonText, messages.nothingToDoOfDelay];
    case 'recovered':
      return [messages.recovered(affectedWords(notification))];
    default:
      return kind satisfies never;
  }
}

function action({ kind, trouble, uses }: Notification, { publicUrl }: TemplateContext): Block[] {
  switch (kind) {
    case 'expired':
    case 'reminder':
    case 'drill':
      return [
        paragraph(messages.whatToDo(trouble)),
        button(messages.renewButton, renewalLink(publicUrl, uses)),
      ];
    case 'expiring':
      return [
        paragraph(messages.renewBefore(trouble.providerName)),
        button(messages.renewButton, renewalLink(publicUrl, uses)),
      ];
    case 'escalation':
      return [
        paragraph(messages.whatAdministratorsCanDo),
        button(messages.openButton, renewalLink(publicUrl, uses)),
      ];
    case 'delayed':
    case 'recovered':
      return [];
    default:
      return kind satisfies never;
  }
}
