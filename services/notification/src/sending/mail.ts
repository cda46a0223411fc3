import type { MailAddress } from './mail-address.ts';

export type MailKind =
  | 'expired'
  | 'digest'
  | 'daily'
  | 'expiring'
  | 'reminder'
  | 'recovered'
  | 'delayed'
  | 'escalation'
  | 'drill';

/** What a template makes. */
export type MailContent = { subject: string; text: string; html: string };

/** A mail ready to go. */
export type Mail = MailContent & {
  /** That of its oldest notification, so a second try makes the same mail and not another. */
  id: string;
  /** RFC 5322 section 3.6.4, with angle brackets; the same on every try. */
  messageId: string;
  kind: MailKind;
  from: MailAddress;
  to: MailAddress;
  episodeIds: string[];
  /** RFC 8058: where one click turns reminders off. Only of mails that carry it. */
  unsubscribeUrl?: string;
};
