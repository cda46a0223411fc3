import type { Mail } from '../sending/mail.ts';

/**
 * A transport that hands mails to another machine: SendGrid, SMTP. It knows nothing of notifications and claims.
 *
 * `handOver` resolves when the other side has taken the responsibility for the mail (202 of SendGrid, 250 after DATA). It throws
 *
 * - `MailRefusedError`: this mail to this recipient will never work (a 4xx of SendGrid that names it, 5xx of SMTP). Never tried again.
 * - `TransportBusyError`: the other side asks for patience (429 with a Retry-After, 421); nothing is wrong with the mail, and the others wait as well.
 * - anything else: nobody knows. Tried again later, with the same `messageId`.
 *
 * How sure a failure is, stands in it: one with `handedOver: 'no'` was given before the other side could have the mail (refused
 * connection, an answer of 4xx or 5xx); with `handedOver: 'unknown'` it may have gone out all the same (no answer, reset after the body).
 */
export type MailHandover = {
  name: 'sendgrid' | 'smtp';
  /** Reports of what became of each mail arrive later (a signed webhook), and carry the mail's id. */
  reports: boolean;
  /**
   * `signal`: to be given up at once. `onOut` is called, by a transport that can tell, as soon as the whole mail is on its way and only the answer is waited for:
   * who gives up then may send it twice.
   */
  handOver(mail: Mail, signal: AbortSignal, onOut?: () => void): Promise<void>;
  close(): void;
};
