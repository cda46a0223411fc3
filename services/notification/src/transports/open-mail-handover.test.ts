import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSettings } from '@credential-renewal/runtime';
import { Registry } from 'prom-client';
import { expect, onTestFinished, test } from 'vitest';
import { startFakeSendGrid } from '../testing/fake-sendgrid.ts';
import { startMs } from '../testing/fixtures.ts';
import { makeMail } from '../testing/make-mail.ts';
import { makeEvent } from '../testing/sendgrid-events.ts';
import { startSmtpInbox } from '../testing/smtp-inbox.ts';
import { standingClock, temporaryDirectory } from '../testing/start-room.ts';
import { openMailHandover } from './open-mail-handover.ts';
import { readTransportSettings } from './transport-settings.ts';

const patient = () => new AbortController().signal;

function file(content: string): string {
  const path = join(temporaryDirectory(), 'file');
  writeFileSync(path, content);
  return path;
}

/** As the service opens it: from the environment. */
async function open(url: string, env: Record<string, string> = {}) {
  const settings = readSettings(env, (each) =>
    readTransportSettings(each, {
      url: new URL(url),
      mailFrom: { name: 'P', address: 'p@app.example' },
    }),
  );
  if (!settings) throw new Error('nothing goes out');
  const metrics = new Registry();
  const opened = await openMailHandover(settings, { clock: standingClock(startMs), metrics });
  onTestFinished(() => opened.handover.close());
  const figure = async (name: string, outcome?: string) =>
    (await metrics.getSingleMetric(name)?.get())?.values.find(
      ({ labels }) => outcome === undefined || labels['outcome'] === outcome,
    )?.value;
  return { ...opened, figure };
}

async function openSendGrid() {
  const sendGrid = await startFakeSendGrid();
  onTestFinished(() => sendGrid.close());
  const opened = await open(sendGrid.url.replace('http:', 'sendgrid:'), {
    SENDGRID_API_KEY_FILE: file(sendGrid.apiKey),
    SENDGRID_WEBHOOK_PUBLIC_KEY_FILE: file(sendGrid.publicKey),
  });
  return { sendGrid, ...opened };
}

test('SendGrid: a mail goes out, and what is reported of it carries its id back', async () => {
  const { sendGrid, handover, readers } = await openSendGrid();
  expect(handover).toMatchObject({ name: 'sendgrid', reports: true });
  await handover.handOver(makeMail({ id: 'mail-7' }), patient());
  const [mail] = sendGrid.mails;
  const mailId = mail?.personalizations[0]?.custom_args['mail_id'] ?? '';
  const batch = sendGrid.sign([makeEvent('delivered', mailId)], { atMs: startMs });
  expect(await readers.get('sendgrid')?.read(batch)).toMatchObject({
    reports: [{ mailId: 'mail-7', kind: 'delivered' }],
  });
});

test('SMTP: a mail goes out, and no reports are expected', async () => {
  const inbox = await startSmtpInbox();
  onTestFinished(() => inbox.close());
  const { handover, readers } = await open(`smtp://127.0.0.1:${inbox.port}`);
  expect(handover).toMatchObject({ name: 'smtp', reports: false });
  await handover.handOver(makeMail(), patient());
  expect(inbox.mails).toHaveLength(1);
  expect(readers.size).toBe(0);
});

test('while we are refused readiness is degraded, until a mail is taken again', async () => {
  const { sendGrid, handover, readiness, figure } = await openSendGrid();
  const send = () => handover.handOver(makeMail(), patient());
  expect([await readiness(), await figure('notification_transport_refuses_us')]).toEqual([
    undefined,
    0,
  ]);
  sendGrid.treatNext({ status: 401 }, { status: 500 });
  await expect(send()).rejects.toThrow('refuses us');
  expect(await readiness()).toEqual({
    degraded: expect.stringMatching(/^sendgrid refuses us: it answered 401/),
  });
  expect(await figure('notification_transport_refuses_us')).toBe(1);
  await expect(send()).rejects.toThrow('500');
  expect(await readiness()).toBeDefined();
  await send();
  expect([await readiness(), await figure('notification_transport_refuses_us')]).toEqual([
    undefined,
    0,
  ]);
});

test('each outcome is counted', async () => {
  const { sendGrid, handover, figure } = await openSendGrid();
  const recipient = { errors: [{ message: 'bad', field: 'personalizations.0.to.0.email' }] };
  sendGrid.treatNext(
    ...(['accept', { status: 400, body: recipient }, { status: 429 }, { status: 403 }] as const),
    ...(['cut after', { status: 500 }] as const),
  );
  for (let sent = 0; sent < 6; sent += 1)
    await handover.handOver(makeMail(), patient()).catch(() => undefined);
  for (const outcome of ['accepted', 'refused', 'busy', 'refused_us', 'unknown', 'failed'])
    expect([outcome, await figure('notification_handovers_total', outcome)]).toEqual([outcome, 1]);
});

test('nothing is connected before the first mail: a server that is away stops no start', async () => {
  const { handover, readiness } = await open('smtp://127.0.0.1:9');
  expect(await readiness()).toBeUndefined();
  await expect(handover.handOver(makeMail(), patient())).rejects.toMatchObject({
    handedOver: 'no',
  });
});
