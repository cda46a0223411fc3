import type { Notification } from '../notification.ts';
import type { Mail } from './mail.ts';

/**
 * The way out for mails. `deliver` owns the step from `waiting` to `sent`, because how exact that step can be differs:
 *
 * - The mailbox lies in the store's own database: the mail and `sent` are one transaction. Exactly once, whatever crashes.
 * - A transport that hands mails to another machine cannot be atomic with our store; `handover-transport.ts` says what it does.
 *
 * `parts` are the notifications the mail was made of, as they were read. Where one of them has changed since (cancelled,
 * or sent by another process), nothing is sent and the answer is `superseded`: read again. A failure throws; what still waits then,
 * the sender tries later.
 */
export type MailTransport = {
  name: 'mailbox' | 'sendgrid' | 'smtp';
  deliver(mail: Mail, parts: readonly Notification[]): Promise<'sent' | 'superseded'>;
};
