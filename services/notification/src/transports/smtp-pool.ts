import { Readable } from 'node:stream';
import { getCACertificates } from 'node:tls';
import { createTransport, type SendMailOptions, type Transporter } from 'nodemailer';
import type SMTPPool from 'nodemailer/lib/smtp-pool';
import type { SmtpServer } from './smtp-server.ts';

export type SmtpTimeouts = {
  /** From the lookup of the name to the end of the greeting and of STARTTLS. */
  connectMs: number;
  /** Without a byte, whatever is waited for. */
  silenceMs: number;
};

/** How far a mail has come. */
export type SendProgress = { ended: boolean; onEnd?: (() => void) | undefined };

export type SmtpPool = {
  /** Resolves with the 250 after the mail; rejects with nodemailer's error. `progress.ended`: its last byte was handed to the connection. */
  send(message: SendMailOptions, signal: AbortSignal, progress: SendProgress): Promise<void>;
  /** Lets running sends end. */
  close(): void;
};

/** A few connections to one server, kept between mails, with one login. */
export function createSmtpPool(
  { host, port, tls, authorities }: SmtpServer,
  login: { user: string; password: string } | undefined,
  { connectMs, silenceMs }: SmtpTimeouts,
): SmtpPool {
  const options = {
    pool: true as const,
    host,
    port,
    secure: tls === 'implicit',
    requireTLS: tls === 'required',
    opportunisticTLS: tls === 'opportunistic',
    ignoreTLS: tls === 'off',
    tls: authorities === undefined ? {} : { ca: [...getCACertificates('default'), authorities] },
    // A server that offers no login would else be sent mails without one.
    ...(login ? { auth: { user: login.user, pass: login.password }, forceAuth: true } : {}),
    connectionTimeout: connectMs,
    greetingTimeout: connectMs,
    socketTimeout: silenceMs,
    // Shorter than a server waits, so that it is not the server who ends a connection in the moment of a send.
    idleTimeout: 30_000,
    maxConnections: 5,
    // Only what no byte was sent of is sent anew: the library looks at the message's stream.
    maxRequeues: 1,
    logger: false,
  };
  const transporter: Transporter<SMTPPool.SentMessageInfo> = createTransport(options);
  // The stream is read from when the server has agreed to the recipient, so its end is the moment from which the mail may be out.
  transporter.use('stream', (mail, done) => {
    const { progress } = mail.data as { progress?: SendProgress };
    mail.message.processFunc((input) => Readable.from(passOn(input as Readable, progress)));
    done();
  });
  return {
    async send(message, signal, progress) {
      const withSignal = { ...message, signal, progress };
      await transporter.sendMail(withSignal);
    },
    close: () => transporter.close(),
  };
}

async function* passOn(
  input: AsyncIterable<Buffer>,
  progress: SendProgress | undefined,
): AsyncGenerator<Buffer> {
  yield* input;
  if (!progress) return;
  progress.ended = true;
  progress.onEnd?.();
}
