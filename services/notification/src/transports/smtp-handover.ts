import type { SendMailOptions } from 'nodemailer';
import type { Mail } from '../sending/mail.ts';
import { isUsableAddress } from '../sending/mail-address.ts';
import type { MailHandover } from './mail-handover.ts';
import { mailParts } from './mail-parts.ts';
import type { SecretFile } from './secret-file.ts';
import { readSmtpError, type SmtpError } from './smtp-answer.ts';
import { parseLogin } from './smtp-login.ts';
import {
  createSmtpPool,
  type SendProgress,
  type SmtpPool,
  type SmtpTimeouts,
} from './smtp-pool.ts';
import type { SmtpServer } from './smtp-server.ts';
import { MailRefusedError, TransportRefusedUsError } from './transport-errors.ts';

/** Longer than anybody waits for an answer: who gives up is who hands over. */
const usualTimeouts: SmtpTimeouts = { connectMs: 20_000, silenceMs: 60 * 60_000 };

/** Hands mails to a mail server. It reports nothing of what becomes of them: a bounce comes back as a mail to the sender. */
export function createSmtpHandover(deps: {
  server: SmtpServer;
  /** `user:password`. */
  credentials?: SecretFile | undefined;
  timeouts?: SmtpTimeouts;
}): MailHandover {
  let current: { pool: SmtpPool; credentials: string | undefined; running: number } | undefined;

  async function readCredentials(): Promise<string | undefined> {
    const credentials = await deps.credentials?.().catch((error: Error) => {
      throw new TransportRefusedUsError('smtp', `we have no credentials: ${error.message}`);
    });
    if (credentials !== undefined && !parseLogin(credentials))
      throw new TransportRefusedUsError(
        'smtp',
        'the file of the credentials holds no user:password',
      );
    return credentials;
  }

  /** With new credentials new connections are made; the old ones end with their last mail. */
  function poolWith(credentials: string | undefined) {
    if (current?.credentials === credentials && current) return current;
    if (current?.running === 0) current.pool.close();
    const login = credentials === undefined ? undefined : parseLogin(credentials);
    const pool = createSmtpPool(deps.server, login, deps.timeouts ?? usualTimeouts);
    current = { pool, credentials, running: 0 };
    return current;
  }

  return {
    name: 'smtp',
    reports: false,
    async handOver(mail, signal, onOut) {
      if (!isUsableAddress(mail.to.address))
        throw new MailRefusedError('smtp', 'the recipient has no usable address');
      const used = poolWith(await readCredentials());
      const progress: SendProgress = { ended: false, onEnd: onOut };
      used.running += 1;
      try {
        await used.pool.send(toMessage(mail), signal, progress);
      } catch (error) {
        throw readSmtpError(error as SmtpError, progress.ended ? 'unknown' : 'no');
      } finally {
        used.running -= 1;
        if (used !== current && used.running === 0) used.pool.close();
      }
    },
    close() {
      current?.pool.close();
    },
  };
}

function toMessage(mail: Mail): SendMailOptions {
  const { from, to, subject, headers } = mailParts(mail);
  const { 'Message-ID': messageId, ...others } = headers;
  return {
    from,
    to,
    subject,
    text: mail.text,
    html: mail.html,
    messageId,
    headers: others,
    // Said apart from the headers, so that no name can add a recipient.
    envelope: { from: from.address, to: [to.address] },
    textEncoding: 'quoted-printable',
    xMailer: false,
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}
