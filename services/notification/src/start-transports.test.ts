import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openEmbeddedEventLog } from '@credential-renewal/events';
import {
  DeliveryState,
  NotificationDeliveryServiceService,
} from '@credential-renewal/proto/notification/v1/deliveries';
import { createRpcClient } from '@credential-renewal/rpc';
import { Registry } from 'prom-client';
import { expect, onTestFinished, test, vi } from 'vitest';
import { readNotificationConfig } from './config.ts';
import { startNotification } from './start.ts';
import { startFakeSendGrid } from './testing/fake-sendgrid.ts';
import { describe, makeEvent, makeState, sourceUse, startMs } from './testing/fixtures.ts';
import { makeEvent as makeReport } from './testing/sendgrid-events.ts';
import { startSmtpInbox } from './testing/smtp-inbox.ts';
import {
  recordingLogger,
  standingClock,
  startFakeRegistry,
  temporaryDirectory,
} from './testing/start-room.ts';

/** The whole service, sending mails out by `env`. */
async function startRoom(env: Record<string, string>) {
  const directory = temporaryDirectory();
  const clock = standingClock(startMs);
  const { logger, lines } = recordingLogger();
  const registry = await startFakeRegistry(({ credentialId }) =>
    describe(sourceUse(`source-of-${credentialId}`)),
  );
  const config = readNotificationConfig({
    LISTEN_ADDRESS: `unix:${join(directory, 'n')}`,
    STORE_URL: `sqlite:${join(directory, 'notification.db')}`,
    REGISTRY_ADDRESS: registry.address,
    PUBLIC_URL: 'http://localhost:3000',
    MAIL_FROM: 'Renewal <no-reply@app.example>',
    UNSUBSCRIBE_KEY_FILE: join(directory, 'unsubscribe.key'),
    ...env,
  });
  const eventLog = await openEmbeddedEventLog({ directory: join(directory, 'log'), clock, logger });
  onTestFinished(() => eventLog.close());
  const metrics = new Registry();
  const service = await startNotification(config, { clock, logger, metrics, eventLog });
  onTestFinished(() => service.stop());
  const client = createRpcClient(NotificationDeliveryServiceService, service.address, {
    deadlineMs: 10_000,
  });
  onTestFinished(() => client.close());
  const states = async () => {
    const { deliveries } = await client.listDeliveries({
      ...{ accountId: 'account-1', credentialId: 'credential-1', pageSize: 0, pageToken: '' },
    });
    return deliveries.filter(({ kind }) => kind === 'expired').map(({ state }) => state);
  };
  return { eventLog, client, states, lines, service, clock };
}

function file(content: string): string {
  const path = join(temporaryDirectory(), 'file');
  writeFileSync(path, content);
  return path;
}

test('SendGrid: an event becomes one mail, and its reports, in any order and repeated, what the administrator reads', async () => {
  const sendGrid = await startFakeSendGrid();
  onTestFinished(() => sendGrid.close());
  const { eventLog, client, states, lines } = await startRoom({
    MAIL_TRANSPORT_URL: sendGrid.url.replace('http:', 'sendgrid:'),
    SENDGRID_API_KEY_FILE: file(sendGrid.apiKey),
    SENDGRID_WEBHOOK_PUBLIC_KEY_FILE: file(sendGrid.publicKey),
  });
  await eventLog.publish([makeEvent(makeState()), makeEvent(makeState())]);
  await vi.waitFor(async () => expect(await states()).toEqual([DeliveryState.SENT]), {
    timeout: 10_000,
  });
  expect(sendGrid.mails).toHaveLength(1);
  const mailId = sendGrid.mails[0]?.personalizations[0]?.custom_args['mail_id'] ?? '';

  const receive = (...events: object[]) =>
    client.receiveDeliveryReports({
      transport: 'sendgrid',
      ...sendGrid.sign(events, { atMs: startMs }),
    });
  const delivered = makeReport('delivered', mailId, { timestamp: startMs / 1000 + 5 });
  const processed = makeReport('processed', mailId, { timestamp: startMs / 1000 + 1 });
  expect(await receive(delivered)).toEqual({ accepted: 1, ignored: 0 });
  expect(await receive(processed, delivered)).toEqual({ accepted: 1, ignored: 1 });
  expect(await states()).toEqual([DeliveryState.DELIVERED]);
  const forged = { ...sendGrid.sign([], { atMs: startMs }), body: Buffer.from('[{}]') };
  await expect(
    client.receiveDeliveryReports({ transport: 'sendgrid', ...forged }),
  ).rejects.toMatchObject({ code: 'DELIVERY_REPORT_UNSIGNED', kind: 'unauthenticated' });
  expect(JSON.stringify(lines)).not.toMatch(/ann@example\.com|SG\.fake/);
});

test('SendGrid: a mail of which no answer came is settled by its report, and not sent again', async () => {
  const sendGrid = await startFakeSendGrid();
  onTestFinished(() => sendGrid.close());
  const { eventLog, client, states, clock } = await startRoom({
    MAIL_TRANSPORT_URL: sendGrid.url.replace('http:', 'sendgrid:'),
    SENDGRID_API_KEY_FILE: file(sendGrid.apiKey),
    SENDGRID_WEBHOOK_PUBLIC_KEY_FILE: file(sendGrid.publicKey),
  });
  sendGrid.treatNext('cut after');
  await eventLog.publish([makeEvent(makeState())]);
  await vi.waitFor(() => expect(sendGrid.mails).toHaveLength(1), { timeout: 10_000 });
  const mailId = sendGrid.mails[0]?.personalizations[0]?.custom_args['mail_id'] ?? '';
  await client.receiveDeliveryReports({
    transport: 'sendgrid',
    ...sendGrid.sign([makeReport('processed', mailId)], { atMs: startMs }),
  });
  await vi.waitFor(async () => expect(await states()).toEqual([DeliveryState.SENT]), {
    timeout: 10_000,
  });
  clock.advance(3 * 3_600_000);
  await eventLog.publish([
    makeEvent(makeState({ credentialId: 'credential-2', episodeId: 'e-2' })),
  ]);
  await vi.waitFor(() => expect(sendGrid.mails).toHaveLength(2), { timeout: 10_000 });
  expect(sendGrid.mails.map((mail) => mail.personalizations[0]?.custom_args['mail_id'])).toEqual([
    mailId,
    expect.not.stringContaining(mailId),
  ]);
});

test('SMTP: an event becomes one mail; nobody expects reports', async () => {
  const inbox = await startSmtpInbox();
  onTestFinished(() => inbox.close());
  const { eventLog, client, service } = await startRoom({
    MAIL_TRANSPORT_URL: `smtp://127.0.0.1:${inbox.port}`,
  });
  await eventLog.publish([makeEvent(makeState())]);
  await vi.waitFor(() => expect(inbox.mails).toHaveLength(1), { timeout: 10_000 });
  expect(inbox.mails[0]?.header('subject')).toBe('Credentials expired in source');
  expect(Object.keys(service.readiness)).toEqual(['store', 'mail']);
  await expect(
    client.receiveDeliveryReports({
      transport: 'sendgrid',
      body: Buffer.from('[]'),
      signature: 'x',
      timestamp: '1',
    }),
  ).rejects.toMatchObject({ code: 'DELIVERY_REPORTS_NOT_EXPECTED', kind: 'failed_precondition' });
});
