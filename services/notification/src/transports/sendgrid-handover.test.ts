import { writeFileSync } from 'node:fs';
import { createServer as createHttpsServer } from 'node:https';
import { join } from 'node:path';
import { createGuardedFetch, type EgressSettings } from '@credential-renewal/runtime';
import { createAuthority, startConnectProxy } from '@credential-renewal/runtime/testing';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { type FakeSendGrid, startFakeSendGrid, type Treatment } from '../testing/fake-sendgrid.ts';
import { startMs } from '../testing/fixtures.ts';
import { makeMail } from '../testing/make-mail.ts';
import { standingClock, temporaryDirectory } from '../testing/start-room.ts';
import { mailHandoverContract, type OtherSide } from './mail-handover.contract.ts';
import { createSecretFile } from './secret-file.ts';
import { createSendGridHandover } from './sendgrid-handover.ts';
import {
  MailHandoverFailedError,
  MailRefusedError,
  TransportBusyError,
  TransportRefusedUsError,
} from './transport-errors.ts';

const patient = () => new AbortController().signal;

function handoverTo(
  baseUrl: string,
  options: { apiKey?: string; egress?: EgressSettings; timeoutMs?: number } = {},
) {
  const file = join(temporaryDirectory(), 'key');
  const setKey = (key: string) => writeFileSync(file, `${key}\n`);
  setKey(options.apiKey ?? 'SG.fake.key-of-a-test');
  const handover = createSendGridHandover({
    baseUrl,
    apiKey: createSecretFile(file),
    clock: standingClock(startMs),
    fetch: createGuardedFetch({
      timeoutMs: options.timeoutMs ?? 20_000,
      allowsPrivate: ({ hostname }) => hostname === '127.0.0.1',
      egress: options.egress ?? {},
      resolve: (_, callback) => callback(new Error('no DNS'), []),
    }),
  });
  return { handover, setKey, send: () => handover.handOver(makeMail(), patient()) };
}

async function startWorld() {
  const sendGrid = await startFakeSendGrid();
  onTestFinished(() => sendGrid.close());
  return { sendGrid, ...handoverTo(sendGrid.url) };
}

const invalidRecipient = {
  message: 'The address ann@example.com does not contain a valid address.',
  field: 'personalizations.0.to.0.email',
  help: null,
};
const treatments: Record<OtherSide, Treatment> = {
  refuse: { status: 400, body: { errors: [invalidRecipient] } },
  busy: { status: 429 },
  'cut before': 'cut before',
  'cut after': 'cut after',
  silent: 'silent',
};

describe('SendGrid', () => {
  mailHandoverContract(async () => {
    const { sendGrid, handover } = await startWorld();
    return {
      handover,
      arrived: () => sendGrid.mails.map(toArrived),
      treatNext: (treatment) => sendGrid.treatNext(treatments[treatment]),
    };
  });
});

function toArrived({ from, subject, content, personalizations }: FakeSendGrid['mails'][number]) {
  const headers = Object.entries(personalizations[0]?.headers ?? {}).map(
    ([name, value]) => [name.toLowerCase(), value] as const,
  );
  const recipients = personalizations.flatMap(({ to }) => to);
  return {
    fromName: from.name ?? '',
    fromAddress: from.email,
    toName: recipients[0]?.name ?? '',
    recipients: recipients.map(({ email }) => email),
    subject,
    headers: Object.fromEntries(headers),
    messageId: Object.fromEntries(headers)['message-id'],
    text: content.find(({ type }) => type === 'text/plain')?.value ?? '',
    html: content.find(({ type }) => type === 'text/html')?.value ?? '',
  };
}

test('a request carries our id, the kind as its category, no tracking of any sort, and the key in its header alone', async () => {
  const { sendGrid, send } = await startWorld();
  await send();
  expect(sendGrid.mails).toMatchObject([
    {
      categories: ['expired'],
      personalizations: [{ custom_args: { mail_id: '0190-notification-1' } }],
      tracking_settings: {
        click_tracking: { enable: false, enable_text: false },
        open_tracking: { enable: false },
        subscription_tracking: { enable: false },
        ganalytics: { enable: false },
      },
    },
  ]);
  expect(sendGrid.mails[0]).not.toHaveProperty('mail_settings');
  const [{ path, headers } = { path: '', headers: {} }] = sendGrid.requests;
  expect(path).toBe('POST /v3/mail/send');
  expect(headers.authorization).toBe('Bearer SG.fake.key-of-a-test');
  expect(Object.keys(headers)).not.toContain('message-id');
});

test.each<[string, Treatment, new (...args: never[]) => Error, Record<string, unknown>]>([
  ['413', { status: 413 }, MailRefusedError, { handedOver: 'no' }],
  [
    '400 for the sender',
    { status: 400, body: { errors: [{ message: 'bad', field: 'from.email' }] } },
    TransportRefusedUsError,
    { handedOver: 'no' },
  ],
  ['400 without a reason', { status: 400, body: 'what' }, TransportRefusedUsError, {}],
  [
    '400 for a header, which all mails have',
    { status: 400, body: { errors: [{ message: 'no', field: 'personalizations.0.headers.X' }] } },
    TransportRefusedUsError,
    {},
  ],
  [
    '400 with complaints of another form',
    { status: 400, body: { errors: [null, 7, { message: { toString: 1 }, field: ['to'] }] } },
    TransportRefusedUsError,
    {},
  ],
  ['401', { status: 401 }, TransportRefusedUsError, { handedOver: 'no' }],
  ['403', { status: 403 }, TransportRefusedUsError, { handedOver: 'no' }],
  ['404', { status: 404 }, TransportRefusedUsError, { handedOver: 'no' }],
  ['500', { status: 500 }, MailHandoverFailedError, { handedOver: 'no' }],
  ['503', { status: 503 }, MailHandoverFailedError, { handedOver: 'no' }],
  [
    '503 with a time',
    { status: 503, headers: { 'retry-after': '7' } },
    TransportBusyError,
    { retryAfterMs: 7_000 },
  ],
  ['502 of a gateway', { status: 502 }, MailHandoverFailedError, { handedOver: 'unknown' }],
  ['504 of a gateway', { status: 504 }, MailHandoverFailedError, { handedOver: 'unknown' }],
  [
    '200, which the API does not know',
    { status: 200 },
    MailHandoverFailedError,
    { handedOver: 'unknown' },
  ],
  [
    '429 with the time of its reset',
    { status: 429, headers: { 'x-ratelimit-reset': String(startMs / 1000 + 42) } },
    TransportBusyError,
    { retryAfterMs: 42_000 },
  ],
  [
    '429 with seconds, which go before the reset',
    { status: 429, headers: { 'retry-after': '5', 'x-ratelimit-reset': '1' } },
    TransportBusyError,
    { retryAfterMs: 5_000 },
  ],
  [
    '429 with a date',
    { status: 429, headers: { 'retry-after': new Date(startMs + 90_000).toUTCString() } },
    TransportBusyError,
    { retryAfterMs: 90_000 },
  ],
  [
    '429 with a reset long past, of a clock that is not ours',
    { status: 429, headers: { 'x-ratelimit-reset': '1' } },
    TransportBusyError,
    { retryAfterMs: 1_000 },
  ],
  [
    '429 with a reset in a year',
    { status: 429, headers: { 'x-ratelimit-reset': String(startMs / 1000 + 31_536_000) } },
    TransportBusyError,
    { retryAfterMs: 3_600_000 },
  ],
  ['429 without a time', { status: 429 }, TransportBusyError, { retryAfterMs: 60_000 }],
  [
    '429 with nonsense',
    { status: 429, headers: { 'retry-after': 'soon' } },
    TransportBusyError,
    { retryAfterMs: 60_000 },
  ],
])('%s is told as what it is', async (_, treatment, type, properties) => {
  const { sendGrid, send } = await startWorld();
  sendGrid.treatNext(treatment);
  const failed = send();
  await expect(failed).rejects.toThrow(type);
  await expect(failed).rejects.toMatchObject(properties);
  expect(sendGrid.mails).toEqual([]);
});

test('a redirect is not followed: the key goes to nobody else', async () => {
  const elsewhere = await startFakeSendGrid();
  onTestFinished(() => elsewhere.close());
  const { sendGrid, send } = await startWorld();
  sendGrid.treatNext({ status: 307, headers: { location: `${elsewhere.url}/v3/mail/send` } });
  await expect(send()).rejects.toThrow(TransportRefusedUsError);
  expect(elsewhere.requests).toEqual([]);
});

test('the key is read at each send: one that was rotated needs no restart', async () => {
  const { sendGrid, send, setKey } = await startWorld();
  sendGrid.apiKey = 'SG.fake.the-next-key';
  await expect(send()).rejects.toThrow('sendgrid refuses us: it answered 401');
  setKey('SG.fake.the-next-key');
  await send();
  expect(sendGrid.mails).toHaveLength(1);
});

test('what is no key of SendGrid is sent nowhere, and a missing file is told with its code', async () => {
  const { sendGrid, send, setKey } = await startWorld();
  setKey('planted-password-of-something-else');
  await expect(send()).rejects.toThrow(TransportRefusedUsError);
  await expect(send()).rejects.not.toThrow('planted');
  const handover = createSendGridHandover({
    baseUrl: sendGrid.url,
    apiKey: createSecretFile('/nowhere/key'),
    clock: standingClock(startMs),
    fetch: createGuardedFetch({ timeoutMs: 1_000, allowsPrivate: () => true }),
  });
  await expect(handover.handOver(makeMail(), patient())).rejects.toThrow(
    'sendgrid refuses us: we have no API key: its file cannot be read (ENOENT)',
  );
  expect(sendGrid.requests).toEqual([]);
});

test('no answer within the time: nobody knows; nobody listening: not handed over', async () => {
  const sendGrid = await startFakeSendGrid();
  sendGrid.treatNext('silent');
  const { send } = handoverTo(sendGrid.url, { timeoutMs: 3_000 });
  await expect(send()).rejects.toMatchObject({ handedOver: 'unknown' });
  await sendGrid.close();
  await expect(send()).rejects.toMatchObject({ handedOver: 'no' });
});

test('no error, down to its causes, holds the key, the address or the text', async () => {
  const { sendGrid, send } = await startWorld();
  const errors: unknown[] = [];
  for (const treatment of [...Object.values(treatments), { status: 401 }, { status: 500 }]) {
    if (treatment === 'silent') continue;
    sendGrid.treatNext(treatment);
    errors.push(await send().catch((error: unknown) => error));
  }
  expect(errors).toHaveLength(6);
  for (const error of errors) {
    let each = error as Error | undefined;
    for (; each; each = each.cause as Error | undefined) {
      const everything = `${each.stack} ${JSON.stringify(each, Object.getOwnPropertyNames(each))}`;
      expect(everything).not.toMatch(/SG\.fake|ann@example\.com|Team Drive/);
    }
  }
});

test('the environment changes nothing of the way: a proxy of axios is not asked', async () => {
  const proxy = await startConnectProxy({ portOf: () => undefined });
  onTestFinished(() => proxy.close());
  for (const name of ['http_proxy', 'HTTP_PROXY', 'https_proxy', 'HTTPS_PROXY', 'all_proxy'])
    vi.stubEnv(name, `http://127.0.0.1:${proxy.port}`);
  onTestFinished(() => void vi.unstubAllEnvs());
  const { sendGrid, send } = await startWorld();
  await send();
  expect(sendGrid.mails).toHaveLength(1);
  expect(proxy.connections()).toBe(0);
});

test('SendGrid is reached through the egress proxy, with an authority of our own', async () => {
  const authority = createAuthority('Ours');
  const { certificate: cert, key } = authority.issue('api.sendgrid.com');
  const sendGrid = await startFakeSendGrid({
    createServer: (listener) => createHttpsServer({ cert, key }, listener),
  });
  onTestFinished(() => sendGrid.close());
  const port = Number(new URL(sendGrid.url).port);
  const proxy = await startConnectProxy({ portOf: () => port });
  onTestFinished(() => proxy.close());
  const egress = {
    proxy: { host: '127.0.0.1', port: proxy.port },
    authorities: authority.certificate,
  };
  await handoverTo('https://api.sendgrid.com', { egress }).send();
  expect(proxy.targets).toEqual(['api.sendgrid.com:443']);
  expect(sendGrid.mails).toHaveLength(1);

  const doubting = handoverTo('https://api.sendgrid.com', { egress: { proxy: egress.proxy } });
  await expect(doubting.send()).rejects.toMatchObject({ handedOver: 'no' });
  expect(sendGrid.mails).toHaveLength(1);
});
