import type { MailContent } from '../mail.ts';
import type { MailDocument } from './mail-document.ts';
import { renderHtml } from './render-html.ts';
import { renderText } from './render-text.ts';

/** What every template knows beside the notifications. */
export type TemplateContext = { publicUrl: URL; productName: string };

/** Both bodies of one document, so that they cannot say different things. */
export function mailContent(document: MailDocument): MailContent {
  return {
    subject: document.subject,
    text: renderText(document),
    html: renderHtml(document),
  };
}
