import type { MailContent } from '../sending/mail.ts';
import { notificationSettingsLink } from '../sending/renewal-link.ts';
import type { Block, MailDocument } from './mail-document.ts';
import { note, quietLink } from './mail-document.ts';
import { messages, timeInWords } from './messages.ts';
import { renderHtml } from './render-html.ts';
import { renderText } from './render-text.ts';

/** What every template knows beside the notifications. */
export type TemplateContext = {
  publicUrl: URL;
  productName: string;
  /** Of a mail that is late: when its news was noticed. */
  lateSinceMs?: number | undefined;
  /** Of a mail with reminders. */
  unsubscribeUrl?: string | undefined;
};

/** Both bodies of one document, so that they cannot say different things. */
export function mailContent(document: MailDocument): MailContent {
  return {
    subject: document.subject,
    text: renderText(document),
    html: renderHtml(document),
  };
}

/** What stands below every mail. */
export function footer(context: TemplateContext, options: { hasLink: boolean }): Block[] {
  const { publicUrl, lateSinceMs, unsubscribeUrl, productName } = context;
  return [
    ...(lateSinceMs === undefined ? [] : [note(messages.late(timeInWords(lateSinceMs)))]),
    ...(options.hasLink ? [note(messages.linkGrantsNothing(productName))] : []),
    ...(unsubscribeUrl === undefined ? [] : [quietLink(messages.stopReminders, unsubscribeUrl)]),
    quietLink(messages.chooseMails, notificationSettingsLink(publicUrl)),
    note(productName),
  ];
}
