import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createAuthority, listenOnLoopback } from '@credential-renewal/runtime/testing';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { makeMail } from '../testing/make-mail.ts';
import { type MailTreatment, type SmtpInbox, startSmtpInbox } from '../testing/smtp-inbox.ts';
import { temporaryDirectory } from '../testing/start-room.ts';
import { mailHandoverContract, type OtherSide } from './mail-handover.contract.ts';
import { createSecretFile } from './secret-file.ts';
import { createSmtpHandover } from './smtp-handover.ts';
import type { SmtpTls } from './smtp-server.ts';
import {
  MailHandoverFailedError,
  MailRefusedError,
  TransportBusyError,
  TransportRefusedUsError,
} from './transport-errors.ts';

const authority = createAuthority('Ours');
const { certificate, key } = authority.issue();
const patient = () => new AbortController().signal;

function handoverTo(
  port: number,
  options: { tls?: SmtpTls; credentials?: string; authorities?: string; silenceMs?: number } = {},
) {
  const { tls = 'required', authorities = authority.certificate } = options;
  const file = join(temporaryDirectory(), 'credentials');
  const setCredentials = (text: string) => writeFileSync(file, `${text}\n`);
  if (options.credentials !== undefined) setCredentials(options.credentials);
  const handover = createSmtpHandover({
    server: { host: 'localhost', port, tls, authorities },
    credentials: options.credentials === undefined ? undefined : createSecretFile(file),
    timeouts: { connectMs: 20_000, silenceMs: options.silenceMs ?? 20_000 },
  });
  onTestFinished(() => handover.close());
  return { handover, setCredentials, send: () => handover.handOver(makeMail(), patient()) };
}

async function startInbox(options: Parameters<typeof startSmtpInbox>[0] = {}): Promise<SmtpInbox> {
  const inbox = await startSmtpInbox({ tls: { certificate, key }, ...options });
  onTestFinished(() => inbox.close());
  return inbox;
}

const treatments: Record<OtherSide, MailTreatment> = {
  refuse: { code: 550, text: '5.1.1 <ann@example.com>: User unknown', at: 'rcpt' },
  busy: { code: 421, text: '4.7.0 Too many connections', at: 'mail from' },
  'cut before': 'cut before',
  'cut after': 'cut after',
  silent: 'silent',
};

describe.each([
  ['with pipelining', {}],
  ['without pipelining or 8-bit', { hidePIPELINING: true, hide8BITMIME: true, hideSMTPUTF8: true }],
])('SMTP %s', (_, options) => {
  mailHandoverContract(async () => {
    const inbox = await startInbox(options);
    return {
      handover: handoverTo(inbox.port).handover,
      arrived: () => inbox.mails.map(toArrived),
      treatNext: (treatment) => inbox.treatNext(treatments[treatment]),
    };
  });
});

function toArrived(mail: SmtpInbox['mails'][number]) {
  const from = readAddress(mail.header('from'));
  return {
    fromName: from.name,
    fromAddress: from.address,
    toName: readAddress(mail.header('to')).name,
    recipients: mail.envelope.to,
    subject: mail.header('subject') ?? '',
    headers: Object.fromEntries(mail.headers),
    messageId: mail.header('message-id'),
    text: mail.text,
    html: mail.html,
  };
}

/** `"A \"quoted\" name" <address>`, or the address alone. */
function readAddress(header = ''): { name: string; address: string } {
  const [, name = '', address = header] = /^(.*?)\s*<([^<>]+)>$/.exec(header) ?? [];
  return { name: name.replace(/^"(.*)"$/, '$1').replace(/\\(.)/g, '$1'), address };
}

test('the mail comes over TLS, from the sender of its envelope, without a word of who made it', async () => {
  const inbox = await startInbox();
  await handoverTo(inbox.port).send();
  const [mail] = inbox.mails;
  expect(mail).toMatchObject({
    secure: true,
    user: undefined,
    envelope: { from: 'no-reply@app.example', to: ['ann@example.com'] },
  });
  expect(mail?.headers.map(([name]) => name).sort()).toEqual([
    'auto-submitted',
    'content-type',
    'date',
    'from',
    'message-id',
    'mime-version',
    'subject',
    'to',
  ]);
});

test('no line on the wire is longer than a server must take', async () => {
  const inbox = await startInbox();
  const { handover } = handoverTo(inbox.port);
  const long = 'ü'.repeat(20_000);
  await handover.handOver(makeMail({ subject: long, text: long, html: long }), patient());
  const lines = inbox.mails[0]?.raw.toString('latin1').split('\r\n') ?? [];
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(998);
});

test('connections are kept: 20 mails one after the other take one', async () => {
  const inbox = await startInbox();
  const { send } = handoverTo(inbox.port);
  for (let sent = 0; sent < 20; sent += 1) await send();
  expect(inbox.mails).toHaveLength(20);
  expect(inbox.sessions()).toBe(1);
});

test('a kept connection that the server has closed meanwhile costs no mail', async () => {
  const first = await startInbox();
  const { send } = handoverTo(first.port);
  await send();
  await first.close();
  const second = await startInbox({ port: first.port });
  await send();
  expect(second.mails).toHaveLength(1);
});

test.each<[string, MailTreatment, new (...args: never[]) => Error, Record<string, unknown>]>([
  [
    '451 for the recipient (greylisting)',
    { code: 451, at: 'rcpt' },
    MailHandoverFailedError,
    { handedOver: 'no' },
  ],
  [
    '452 for the recipient',
    { code: 452, at: 'rcpt' },
    MailHandoverFailedError,
    { handedOver: 'no' },
  ],
  ['451 after the mail', { code: 451, at: 'data' }, MailHandoverFailedError, { handedOver: 'no' }],
  [
    '450 for the sender',
    { code: 450, at: 'mail from' },
    TransportBusyError,
    { retryAfterMs: 60_000 },
  ],
  ['452 for the session', { code: 452, at: 'mail from' }, TransportBusyError, {}],
  ['421 for the recipient', { code: 421, at: 'rcpt' }, TransportBusyError, {}],
  ['421 after the mail', { code: 421, at: 'data' }, TransportBusyError, { handedOver: 'no' }],
  [
    '553 for the recipient',
    { code: 553, text: '5.1.3 bad address', at: 'rcpt' },
    MailRefusedError,
    {},
  ],
  [
    '552 for a full mailbox',
    { code: 552, text: '5.2.2 over quota', at: 'rcpt' },
    MailRefusedError,
    {},
  ],
  [
    '554 for the words',
    { code: 554, text: '5.7.1 looks like spam', at: 'data' },
    MailRefusedError,
    {},
  ],
  ['552 for the size', { code: 552, text: '5.3.4 too big', at: 'mail from' }, MailRefusedError, {}],
  [
    '553 for the sender',
    { code: 553, text: '5.7.1 not your sender', at: 'mail from' },
    TransportRefusedUsError,
    {},
  ],
  [
    '530 for want of a login',
    { code: 530, text: '5.7.0 log in first', at: 'rcpt' },
    TransportRefusedUsError,
    {},
  ],
  [
    '554 for relaying',
    { code: 554, text: '<ann@example.com>: Relay access denied', at: 'rcpt' },
    TransportRefusedUsError,
    { handedOver: 'no' },
  ],
  ['503', { code: 503, at: 'rcpt' }, MailHandoverFailedError, { handedOver: 'no' }],
  ['a cut before the recipient', 'cut before', MailHandoverFailedError, { handedOver: 'no' }],
])('%s is told as what it is, and the next mail goes', async (_, treatment, type, properties) => {
  const inbox = await startInbox();
  const { send } = handoverTo(inbox.port);
  inbox.treatNext(treatment);
  const failed = send();
  await expect(failed).rejects.toThrow(type);
  await expect(failed).rejects.toMatchObject(properties);
  await expect(failed).rejects.not.toThrow('ann@example.com');
  expect(inbox.mails).toEqual([]);
  await send();
  expect(inbox.mails).toHaveLength(1);
});

test('a mail that was cut off in its middle was not handed over', async () => {
  const inbox = await startInbox();
  const { handover } = handoverTo(inbox.port);
  inbox.treatNext('cut during');
  const text = 'A line of some length.\n'.repeat(400_000);
  await expect(handover.handOver(makeMail({ text }), patient())).rejects.toMatchObject({
    code: 'MAIL_HANDOVER_FAILED',
    handedOver: 'no',
  });
  expect(inbox.mails).toEqual([]);
});

test('a server that stays silent after the mail: nobody knows', async () => {
  const inbox = await startInbox();
  inbox.treatNext('silent');
  await expect(handoverTo(inbox.port, { silenceMs: 3_000 }).send()).rejects.toMatchObject({
    code: 'MAIL_HANDOVER_FAILED',
    handedOver: 'unknown',
  });
  expect(inbox.mails).toHaveLength(1);
});

test('a slow server: it is told when the mail is out, and the answer is waited for', async () => {
  const arrived = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<void>();
  const inbox = await startInbox({ take: () => arrived.resolve() });
  inbox.treatNext('cut before', { until: answer.promise });
  const { handover } = handoverTo(inbox.port);
  const onOut = vi.fn();
  await expect(handover.handOver(makeMail(), patient(), onOut)).rejects.toMatchObject({
    handedOver: 'no',
  });
  expect(onOut).not.toHaveBeenCalled();
  const given = handover.handOver(makeMail(), patient(), onOut);
  await arrived.promise;
  expect(onOut).toHaveBeenCalledTimes(1);
  answer.resolve();
  await given;
});

test('nobody listens, or nobody greets: not handed over', async () => {
  const silent = await listenOnLoopback(createServer());
  const slow = createSmtpHandover({
    server: { host: '127.0.0.1', port: silent.port, tls: 'off' },
    timeouts: { connectMs: 300, silenceMs: 20_000 },
  });
  onTestFinished(() => slow.close());
  const failed = { code: 'MAIL_HANDOVER_FAILED', handedOver: 'no' };
  await expect(slow.handOver(makeMail(), patient())).rejects.toMatchObject(failed);
  await silent.close();
  await expect(handoverTo(silent.port).send()).rejects.toMatchObject(failed);
});

test('a server without STARTTLS is sent nothing', async () => {
  const inbox = await startInbox({ tls: undefined });
  await expect(handoverTo(inbox.port).send()).rejects.toThrow(TransportRefusedUsError);
  expect(inbox.mails).toEqual([]);
});

test('opportunistic takes what there is, and off takes no TLS', async () => {
  const plain = await startInbox({ tls: undefined });
  const safe = await startInbox();
  await handoverTo(plain.port, { tls: 'opportunistic' }).send();
  await handoverTo(safe.port, { tls: 'opportunistic' }).send();
  await handoverTo(safe.port, { tls: 'off' }).send();
  expect([...plain.mails, ...safe.mails].map(({ secure }) => secure)).toEqual([false, true, false]);
});

test('implicit TLS', async () => {
  const inbox = await startInbox({ tls: { certificate, key, implicit: true } });
  await handoverTo(inbox.port, { tls: 'implicit' }).send();
  expect(inbox.mails).toMatchObject([{ secure: true }]);
});

test.each<[SmtpTls, boolean]>([
  ['required', false],
  ['opportunistic', false],
  ['implicit', true],
])('a certificate that nobody we trust has signed ends it (%s)', async (tls, implicit) => {
  const inbox = await startInbox({ tls: { certificate, key, implicit } });
  const { send } = handoverTo(inbox.port, {
    tls,
    authorities: createAuthority('Ours').certificate,
  });
  await expect(send()).rejects.toThrow(TransportRefusedUsError);
  expect(inbox.mails).toEqual([]);
});

test('a login is made, a wrong one is an operator’s trouble, and a new one needs no restart', async () => {
  const inbox = await startInbox({
    login: { user: 'relay@app.example', password: 'right: it is' },
  });
  const { send, setCredentials } = handoverTo(inbox.port, {
    credentials: 'relay@app.example:wrong',
  });
  const refused = send();
  await expect(refused).rejects.toThrow(TransportRefusedUsError);
  await expect(refused).rejects.toThrow('smtp refuses us: it answered 535 to the login');
  setCredentials('relay@app.example:right: it is');
  await send();
  expect(inbox.mails).toMatchObject([{ user: 'relay@app.example' }]);
  inbox.login = { user: 'relay@app.example', password: 'the next' };
  setCredentials('relay@app.example:the next');
  await send();
  expect(inbox.mails).toHaveLength(2);
});

test('new credentials let mails that are under way arrive', async () => {
  const inbox = await startInbox({ login: { user: 'relay', password: 'one' } });
  const { handover, setCredentials } = handoverTo(inbox.port, { credentials: 'relay:one' });
  const sends = Array.from({ length: 20 }, () => handover.handOver(makeMail(), patient()));
  await vi.waitFor(() => expect(inbox.mails.length).toBeGreaterThan(0), { timeout: 10_000 });
  setCredentials('relay:two');
  inbox.login = { user: 'relay', password: 'two' };
  sends.push(handover.handOver(makeMail(), patient()));
  const outcomes = await Promise.allSettled(sends);
  expect(outcomes.at(-1)?.status).toBe('fulfilled');
  expect(inbox.mails).toHaveLength(outcomes.filter(({ status }) => status === 'fulfilled').length);
});

test('with credentials a server that offers no login is sent nothing', async () => {
  const inbox = await startInbox();
  const { send } = handoverTo(inbox.port, { credentials: 'relay:planted' });
  const refused = send();
  await expect(refused).rejects.toThrow(TransportRefusedUsError);
  await expect(refused).rejects.not.toThrow('planted');
  expect(inbox.mails).toEqual([]);
});

test('no error, down to its causes, holds the password, the address or the text', async () => {
  const inbox = await startInbox({ login: { user: 'relay', password: 'planted-password' } });
  const { send } = handoverTo(inbox.port, { credentials: 'relay:planted-password' });
  const errors: unknown[] = [];
  for (const name of ['refuse', 'busy', 'cut before', 'cut after'] as const) {
    inbox.treatNext(treatments[name]);
    errors.push(await send().catch((error: unknown) => error));
  }
  inbox.login = undefined;
  const refused = handoverTo(inbox.port, { credentials: 'relay:planted-password' });
  errors.push(await refused.send().catch((error: unknown) => error));
  for (const error of errors) {
    expect(error).toBeInstanceOf(Error);
    const { stack, cause } = error as Error;
    const everything = `${stack} ${JSON.stringify(error, Object.getOwnPropertyNames(error))}`;
    expect(everything).not.toMatch(/planted|ann@example\.com|Team Drive/);
    expect(cause).toBeUndefined();
  }
});

test('a file or a URL in the place of a text is a text', async () => {
  const inbox = await startInbox();
  const { handover } = handoverTo(inbox.port);
  const mail = { ...makeMail(), text: { path: '/etc/hostname' } as unknown as string };
  await expect(handover.handOver(mail, patient())).rejects.toThrow(MailHandoverFailedError);
  expect(inbox.mails).toEqual([]);
});
