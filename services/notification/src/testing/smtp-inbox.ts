import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { SMTPServer, type SMTPServerOptions, type SMTPServerSession } from 'smtp-server';
import { type ReadMail, readMail } from './read-mail.ts';

export type ReceivedMail = ReadMail & {
  envelope: { from: string; to: string[] };
  /** Came over TLS. */
  secure: boolean;
  /** Who had logged in. */
  user: string | undefined;
};

/**
 * How it treats one mail. A code: that answer at RCPT, or `afterData`. `cut before`: the connection breaks at RCPT. `cut during`: as soon as the mail begins to
 * come. `cut after`: it takes the mail and breaks the connection in the place of the 250. `silent`: it takes the mail and never answers. `until`: it takes the mail and
 * answers then.
 */
export type MailTreatment =
  | { code: number; text?: string; at: 'mail from' | 'rcpt' | 'data' }
  | 'cut before'
  | 'cut during'
  | 'cut after'
  | 'silent'
  | { until: Promise<void> }
  | 'accept';

export type SmtpInbox = {
  port: number;
  mails: ReceivedMail[];
  /** How many sessions there were. */
  sessions(): number;
  treatNext(...treatments: MailTreatment[]): void;
  /** Who may log in; it may be changed while it runs. */
  login: { user: string; password: string } | undefined;
  close(): Promise<void>;
} & AsyncDisposable;

/** What the library keeps of a connection; its types do not tell. */
type Connection = { session: SMTPServerSession; _socket: Socket; _upgrading?: boolean };

/** A real SMTP server on loopback that keeps what it is sent. Without `tls` it offers no STARTTLS. */
export async function startSmtpInbox(
  options: {
    tls?: { certificate: string; key: string; implicit?: boolean };
    login?: { user: string; password: string };
    port?: number;
    /** Gets each mail instead of the inbox, which then keeps none: for more of them than memory should hold. */
    take?: (mail: ReceivedMail) => void;
  } & Pick<SMTPServerOptions, 'size' | 'hide8BITMIME' | 'hidePIPELINING' | 'hideSMTPUTF8'> = {},
): Promise<SmtpInbox> {
  const mails: ReceivedMail[] = [];
  const { tls, login, port = 0, take = (mail) => void mails.push(mail), ...more } = options;
  const treatments: MailTreatment[] = [];
  let sessions = 0;
  // Decided when a mail begins, and the same until it ends.
  const treated = new Map<string, MailTreatment>();

  const inbox: SmtpInbox = {
    port: 0,
    mails,
    sessions: () => sessions,
    treatNext: (...next) => void treatments.push(...next),
    login,
    close,
    [Symbol.asyncDispose]: close,
  };

  const server = new SMTPServer({
    ...more,
    ...(tls ? { key: tls.key, cert: tls.certificate, secure: tls.implicit === true } : {}),
    disabledCommands: [...(tls ? [] : ['STARTTLS']), ...(login ? [] : ['AUTH'])],
    authOptional: login === undefined,
    allowInsecureAuth: tls === undefined,
    disableReverseLookup: true,
    logger: false,
    onConnect(_, done) {
      sessions += 1;
      done();
    },
    onAuth({ username, password }, _, done) {
      const known = inbox.login?.user === username && inbox.login?.password === password;
      done(known ? null : reply(535, '5.7.8 Authentication credentials invalid'), {
        user: username,
      });
    },
    onMailFrom(_, session, done) {
      const treatment = treatments.shift() ?? 'accept';
      treated.set(session.id, treatment);
      done(refusalAt('mail from', treatment));
    },
    onRcptTo({ address }, session, done) {
      const treatment = treated.get(session.id) ?? 'accept';
      if (treatment === 'cut before') return cut(({ id }) => id === session.id);
      done(refusalAt('rcpt', treatment, address));
    },
    onData(stream, session, done) {
      const treatment = treated.get(session.id) ?? 'accept';
      receive(stream, session, treatment).then(done, done);
    },
  });

  async function receive(
    stream: Readable,
    session: SMTPServerSession,
    treatment: MailTreatment,
  ): Promise<Error | undefined> {
    const chunks: Buffer[] = [];
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      if (treatment === 'cut during') cut(({ id }) => id === session.id);
      chunks.push(chunk);
    }
    const refusal = refusalAt('data', treatment);
    if (refusal) return refusal;
    const { mailFrom, rcptTo } = session.envelope;
    take({
      ...readMail(Buffer.concat(chunks)),
      envelope: {
        from: mailFrom === false ? '' : mailFrom.address,
        to: rcptTo.map(({ address }) => address),
      },
      secure: session.secure,
      user: session.user || undefined,
    });
    if (treatment === 'cut after') cut(({ id }) => id === session.id);
    if (treatment === 'cut after' || treatment === 'silent') await new Promise(() => undefined);
    if (typeof treatment === 'object' && 'until' in treatment) await treatment.until;
    return undefined;
  }

  /**
   * By the topmost socket of a connection, and none in the middle of a handshake: to destroy what lies under TLS then crashes Node (the library says so
   * as well, and ends those by itself).
   */
  function cut(which: (session: SMTPServerSession) => boolean): void {
    for (const { session, _socket, _upgrading } of server.connections as Set<Connection>)
      if (!_upgrading && which(session)) _socket.destroy();
  }

  function close(): Promise<void> {
    return new Promise((resolve) => {
      server.close(() => resolve());
      cut(() => true);
    });
  }

  server.on('error', () => undefined);
  await once(server.listen(port, '127.0.0.1'), 'listening');
  inbox.port = (server.server.address() as AddressInfo).port;
  return inbox;
}

function refusalAt(
  place: 'mail from' | 'rcpt' | 'data',
  treatment: MailTreatment,
  address = '',
): Error | undefined {
  if (typeof treatment !== 'object' || !('at' in treatment) || treatment.at !== place)
    return undefined;
  return reply(treatment.code, treatment.text ?? `<${address}> told to`);
}

function reply(responseCode: number, text: string): Error {
  return Object.assign(new Error(text), { responseCode });
}
