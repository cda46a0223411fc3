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
  const refusesUs = async () =>
    (await metrics.getSingleMetric('notification_transport_refuses_us')?.get())?.values[0];
  return { ...opened, refusesUs };
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
  const { sendGrid, handover, readiness, refusesUs } = await openSendGrid();
  const send = () => handover.handOver(makeMail(), patient());
  const labels = { transport: 'sendgrid' };
  expect(await readiness()).toBeUndefined();
  expect(await refusesUs()).toEqual({ labels, value: 0 });

  sendGrid.treatNext({ status: 401 }, { status: 500 });
  await expect(send()).rejects.toThrow('refuses us');
  expect(await readiness()).toEqual({
    degraded: expect.stringMatching(/^sendgrid refuses us: it answered 401/),
  });
  expect(await refusesUs()).toEqual({ labels, value: 1 });
  await expect(send()).rejects.toThrow('500');
  expect(await readiness()).toBeDefined();

  await send();
  expect(await readiness()).toBeUndefined();
  expect(await refusesUs()).toEqual({ labels, value: 0 });
});

test('nothing is connected before the first mail: a server that is away stops no start', async () => {
  const { handover, readiness } = await open('smtp://127.0.0.1:9');
  expect(await readiness()).toBeUndefined();
  await expect(handover.handOver(makeMail(), patient())).rejects.toMatchObject({
    handedOver: 'no',
  });
});
