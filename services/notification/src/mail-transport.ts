import type { Mail } from './mail.ts';
import type { Notification } from './notification.ts';

/**
 * The way out for mails. `deliver` owns the step from `waiting` to `sent`, because how exact that step can be differs:
 *
 * - The mailbox lies in the store's own database: the mail and `sent` are one transaction. Exactly once, whatever crashes.
 * - A transport that hands mails to another machine cannot be atomic with our store. It claims the notifications first
 *   (one conditional change each, under `mail.id`), hands over with `mail.messageId`, which is the same on every try,
 *   and then marks them sent. After a crash in between, the claim says that the mail may be out: a provider with
 *   receipts is asked before any second try, and plain SMTP tries once more with the same Message-ID (semantics 24).
 *
 * `parts` are the notifications the mail was made of, as they were read. Where one of them has changed since (cancelled,
 * or sent by another process), nothing is sent and the answer is `superseded`: read again. A failure throws; the sender
 * tries later.
 */
export type MailTransport = {
  deliver(mail: Mail, parts: readonly Notification[]): Promise<'sent' | 'superseded'>;
};
