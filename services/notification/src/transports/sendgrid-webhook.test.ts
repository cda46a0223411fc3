import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { startMs } from '../testing/fixtures.ts';
import { createEventSigner, makeEvent, type SignedBatch } from '../testing/sendgrid-events.ts';
import { standingClock } from '../testing/start-room.ts';
import {
  DeliveryReportMalformedError,
  DeliveryReportUnsignedError,
} from './delivery-report-errors.ts';
import { parseWebhookKeys } from './sendgrid-signature.ts';
import { createSendGridWebhook } from './sendgrid-webhook.ts';

const hourMs = 3_600_000;
const signer = createEventSigner();
const signed = (events: unknown, atMs = startMs) => signer.sign(events, { atMs });
const readerOf = (keys: string, nowMs = startMs) =>
  createSendGridWebhook({
    keys: async () => keys,
    clock: standingClock(nowMs),
    maxAgeMs: 24 * hourMs,
  });
const read = (batch: SignedBatch, nowMs?: number) => readerOf(signer.publicKey, nowMs).read(batch);
const unsigned = (why: string) =>
  expect.objectContaining({ code: 'DELIVERY_REPORT_UNSIGNED', why });

test('each kind that is tracked is told in our words', async () => {
  const events = [
    makeEvent('processed', 'm-1', { sg_event_id: '1' }),
    makeEvent('deferred', 'm-1', {
      sg_event_id: '2',
      response: '421 4.7.0 try later',
      attempt: '5',
    }),
    makeEvent('delivered', 'm-1', { sg_event_id: '3', response: '250 OK' }),
    makeEvent('bounce', 'm-2', {
      sg_event_id: '4',
      type: 'bounce',
      status: '5.1.1',
      reason: '550 5.1.1 <ann@example.com>: User unknown',
    }),
    makeEvent('bounce', 'm-3', { sg_event_id: '5', type: 'blocked', reason: '550 listed' }),
    makeEvent('dropped', 'm-4', { sg_event_id: '6', reason: 'Bounced Address' }),
    makeEvent('spamreport', 'm-5', { sg_event_id: '7' }),
  ];
  const report = (reportId: string, mailId: string, kind: string, text: string) => ({
    ...{ reportId, mailId, kind, text },
    atMs: 1_777_817_100_000,
  });
  expect(await read(signed(events))).toEqual({
    ignored: 0,
    reports: [
      report('1', 'm-1', 'accepted', ''),
      report('2', 'm-1', 'deferred', '421 4.7.0 try later'),
      report('3', 'm-1', 'delivered', '250 OK'),
      report('4', 'm-2', 'bounced', '550 5.1.1 <(address)>: User unknown'),
      report('5', 'm-3', 'bounced', 'blocked: 550 listed'),
      report('6', 'm-4', 'dropped', 'Bounced Address'),
      report('7', 'm-5', 'complained', 'marked as spam by its recipient'),
    ],
  });
});

test('what is not tracked, not ours, or beyond understanding is ignored, and keeps nothing else back', async () => {
  const events = [
    ...[
      'open',
      'click',
      'unsubscribe',
      'group_unsubscribe',
      'group_resubscribe',
      'one of the future',
    ].map((event) => makeEvent(event, 'm-1')),
    { type: 'account_status_change', event: 'account_status_change', timestamp: 1 },
    makeEvent('delivered', 'm-1', { mail_id: undefined }),
    makeEvent('delivered', 'm-1', { mail_id: 7 }),
    makeEvent('delivered', 'm-1', { mail_id: 'x'.repeat(201) }),
    makeEvent('delivered', 'm-1', { mail_id: 'a\nb' }),
    makeEvent('delivered', 'm-1', { sg_event_id: '' }),
    makeEvent('delivered', 'm-1', { timestamp: 'yesterday' }),
    makeEvent('delivered', 'm-1', { timestamp: -1 }),
    makeEvent('delivered', 'm-1', { event: { $ne: 1 } }),
    makeEvent('delivered', 'm-1', { timestamp: { toString: 1, valueOf: 1 } }),
    null,
    7,
    'text',
    [],
    makeEvent('delivered', 'm-1', { sg_event_id: 'the-one' }),
  ];
  expect(await read(signed(events))).toMatchObject({
    ignored: events.length - 1,
    reports: [{ reportId: 'the-one' }],
  });
});

test('a text that is no text is none, and keeps nothing back', async () => {
  const events = [{ toString: 1 }, ['550'], 550, null, true].map((reason) =>
    makeEvent('bounce', 'm-1', { reason, type: reason }),
  );
  const { reports } = await read(signed(events));
  expect(reports.map(({ text }) => text)).toEqual(['', '', '', '', '']);
});

test('an event that is repeated in its batch comes once', async () => {
  const event = makeEvent('delivered', 'm-1');
  const read_ = await read(signed([event, event, event]));
  expect(read_).toMatchObject({ ignored: 2, reports: [{ mailId: 'm-1' }] });
});

test.each<[string, (batch: SignedBatch) => SignedBatch]>([
  [
    'another body',
    (batch) => ({ ...batch, body: Buffer.from(String(batch.body).replace('m-1', 'm-2')) }),
  ],
  ['a body without its last line end', (batch) => ({ ...batch, body: batch.body.subarray(0, -2) })],
  [
    'a body in another spelling of the same JSON',
    (batch) => ({ ...batch, body: Buffer.from(JSON.stringify(JSON.parse(String(batch.body)))) }),
  ],
  ['another time', (batch) => ({ ...batch, timestamp: String(Number(batch.timestamp) + 1) })],
  ['another signature', (batch) => ({ ...batch, signature: signed([]).signature })],
  ['no DER', (batch) => ({ ...batch, signature: Buffer.from('no DER at all').toString('base64') })],
  ['no base64', (batch) => ({ ...batch, signature: 'ä'.repeat(96) })],
  [
    'zeros, which forged every message once',
    (batch) => ({ ...batch, signature: Buffer.from('3006020100020100', 'hex').toString('base64') }),
  ],
  ['a signature without end', (batch) => ({ ...batch, signature: 'A'.repeat(100_000) })],
])('%s is refused', async (_, change) => {
  const batch = signed([makeEvent('delivered', 'm-1')]);
  await expect(read(change(batch))).rejects.toEqual(unsigned('wrong'));
  await read(batch);
});

test('bytes that become the signed ones only when they are read as text are refused', async () => {
  const text = JSON.stringify([makeEvent('delivered', 'm-1', { response: 'a \ufffd b' })]);
  const batch = signed(text);
  await read(batch);
  const at = batch.body.indexOf(Buffer.from('\ufffd'));
  const body = Buffer.concat([
    batch.body.subarray(0, at),
    Buffer.from([0xff]),
    batch.body.subarray(at + 3),
  ]);
  expect(body.toString('utf8')).toBe(text);
  await expect(read({ ...batch, body })).rejects.toEqual(unsigned('wrong'));
});

test.each([
  ['no signature', { signature: '' }],
  ['no time', { timestamp: '' }],
  ['a time of another form', { timestamp: '+177781710' }],
  ['a time that took digits from the body', { timestamp: '17778171000' }],
])('%s is refused as missing', async (_, change) => {
  const batch = { ...signed([makeEvent('delivered', 'm-1')]), ...change };
  await expect(read(batch)).rejects.toEqual(unsigned('missing'));
});

test('a signature counts for a day, and one of the future within five minutes', async () => {
  const batch = signed([makeEvent('delivered', 'm-1')]);
  const refusal = (nowMs: number) =>
    read(batch, nowMs).then(
      () => 'none',
      (e: unknown) => e,
    );
  expect(await refusal(startMs + 24 * hourMs)).toBe('none');
  expect(await refusal(startMs + 24 * hourMs + 1)).toEqual(unsigned('old'));
  expect(await refusal(startMs - 5 * 60_000)).toBe('none');
  expect(await refusal(startMs - 5 * 60_000 - 1)).toEqual(unsigned('early'));
});

test.each([
  ['no JSON', '[{"event":"delivered"'],
  ['no list', '{"event":"delivered"}'],
  ['nothing', ''],
  ['too many events', JSON.stringify(Array.from({ length: 10_001 }, () => 0))],
  ['too large', `[${' '.repeat(1_000_000)}]`],
])('well signed, but %s: refused as malformed', async (_, body) => {
  await expect(read(signed(body))).rejects.toThrow(DeliveryReportMalformedError);
});

test('a key of another is refused; during a rotation both count', async () => {
  const next = createEventSigner();
  const batch = signed([makeEvent('delivered', 'm-1')]);
  await expect(readerOf(next.publicKey).read(batch)).rejects.toThrow(DeliveryReportUnsignedError);
  for (const keys of [
    `${next.publicKey}\n${signer.publicKey}\n`,
    `${next.publicKeyPem}\n${signer.publicKeyPem}`,
    `${signer.publicKeyPem.replaceAll('\n', '\r\n')}${next.publicKey}`,
  ])
    expect(await readerOf(keys).read(batch)).toMatchObject({ ignored: 0 });
});

test('keys are asked for each time: one that was rotated needs no restart', async () => {
  let keys = createEventSigner().publicKey;
  const reader = createSendGridWebhook({
    keys: async () => keys,
    clock: standingClock(startMs),
    maxAgeMs: hourMs,
  });
  const batch = signed([makeEvent('delivered', 'm-1')]);
  await expect(reader.read(batch)).rejects.toEqual(unsigned('wrong'));
  keys = signer.publicKey;
  await reader.read(batch);
});

test.each([
  ['nothing', ''],
  ['some text', 'a key'],
  ['a key that was cut', signer.publicKey.slice(0, -4)],
  [
    'a key on another curve',
    generateKeyPairSync('ec', { namedCurve: 'secp384r1' })
      .publicKey.export({ type: 'spki', format: 'pem' })
      .toString(),
  ],
  [
    'a private key',
    generateKeyPairSync('ec', { namedCurve: 'P-256' })
      .privateKey.export({ type: 'pkcs8', format: 'pem' })
      .toString(),
  ],
  ['124 letters that are none', 'A'.repeat(124)],
])('%s is no key', (_, text) => {
  expect(parseWebhookKeys(text)).toBeUndefined();
});

test('the example of the vendor is verified', () => {
  // From the tests of @sendgrid/eventwebhook 8.0.0.
  const publicKey =
    'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==';
  const event = {
    email: 'hello@world.com',
    event: 'dropped',
    reason: 'Bounced Address',
    sg_event_id: 'ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA',
    sg_message_id: 'LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0',
    'smtp-id': '<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>',
    timestamp: 1600112492,
  };
  const batch = {
    body: Buffer.from(`${JSON.stringify([event])}\r\n`),
    signature:
      'MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM=',
    timestamp: '1600112502',
  };
  const reader = readerOf(publicKey, 1_600_112_502_000);
  return expect(reader.read(batch)).resolves.toEqual({ reports: [], ignored: 1 });
});
