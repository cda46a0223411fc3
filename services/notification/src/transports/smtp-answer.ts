import { providerText } from './provider-text.ts';
import {
  type HandedOver,
  MailHandoverFailedError,
  MailRefusedError,
  TransportBusyError,
  TransportRefusedUsError,
} from './transport-errors.ts';

/** What nodemailer's errors carry. Their messages are never repeated: they name recipients. */
export type SmtpError = {
  code?: string;
  /** Of the system, under a `code` of nodemailer's. */
  originalCode?: string;
  responseCode?: number;
  response?: string;
  /** The command that was answered; `CONN` for the connection, `API` for what was never sent. */
  command?: string;
};

const busyMs = 60_000;

/**
 * What a failed send means (RFC 5321 section 4.2.1). `withoutAnswer` is whether the mail may be out where no answer came. A refusal is believed to be
 * about the mail only where it can be about nothing else: a mail that is given up stays given up, and a wrong password would give up all.
 */
export function readSmtpError(error: SmtpError, withoutAnswer: HandedOver): Error {
  const { code, command = '', responseCode = 0 } = error;
  const reason = describe(error);
  const isAuth = code === 'EAUTH' || code === 'ENOAUTH' || command.startsWith('AUTH');
  if (responseCode >= 400 && responseCode < 500)
    return responseCode !== 421 && isOfRecipient(error)
      ? new MailHandoverFailedError('smtp', reason, 'no')
      : new TransportBusyError('smtp', reason, busyMs);
  if (isAuth || isUnsafe(error)) return new TransportRefusedUsError('smtp', reason);
  // Bad sequence of commands: the session was in disorder, not the mail.
  if (responseCode === 503) return new MailHandoverFailedError('smtp', reason, 'no');
  if (responseCode >= 500)
    return isAboutMail(error)
      ? new MailRefusedError('smtp', reason)
      : new TransportRefusedUsError('smtp', reason);
  // Refused by the library before anything was sent: no address, or larger than the server said it takes.
  if (code === 'EENVELOPE' || code === 'EMESSAGE') return new MailRefusedError('smtp', reason);
  return new MailHandoverFailedError('smtp', reason, withoutAnswer);
}

function isOfRecipient({ command }: SmtpError): boolean {
  return command === 'RCPT TO' || command === 'DATA';
}

function isAboutMail(error: SmtpError): boolean {
  switch (error.command) {
    case 'DATA':
      return true;
    case 'MAIL FROM':
      // With SIZE (RFC 1870) a server refuses here what is too large.
      return error.responseCode === 552;
    case 'RCPT TO':
      return !isAboutUs(error);
    default:
      return false;
  }
}

/**
 * Servers tell at RCPT what they think of the client and the sender too (Postfix does by default): no login, no relaying, a sender that is not ours. Such
 * answers have 530 or an enhanced code of policy (RFC 3463 section 3.8); a bad recipient has 5.1 or 5.2, or is named as the cause.
 */
function isAboutUs({ responseCode, response = '' }: SmtpError): boolean {
  if (/recipient (address )?(rejected|refused)/i.test(response)) return false;
  return responseCode === 530 || /^\d{3}[ -]5\.7\.\d/.test(response) || /\brelay/i.test(response);
}

/** The connection could not be made safe: no STARTTLS, or a certificate that nobody we trust has signed for this host. */
function isUnsafe({ code, originalCode = '', responseCode }: SmtpError): boolean {
  return (
    (code === 'ETLS' && Boolean(responseCode)) ||
    /CERT|SIGNATURE|ERR_TLS|ERR_SSL/.test(originalCode)
  );
}

function describe({ code, originalCode, responseCode, response, command }: SmtpError): string {
  if (!responseCode) return `no answer (${originalCode ?? code ?? 'unknown'})`;
  // A server may repeat what it was told.
  if (command?.startsWith('AUTH')) return `it answered ${responseCode} to the login`;
  return `it answered ${providerText(response ?? '')} to ${command}`;
}
