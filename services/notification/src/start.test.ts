import { join } from 'node:path';
import { openEmbeddedEventLog } from '@credential-renewal/events';
import { Actor_Kind } from '@credential-renewal/proto/events/v1/credential';
import {
  DeliveryState,
  NotificationDeliveryServiceService,
} from '@credential-renewal/proto/notification/v1/deliveries';
import { NotificationPreferencesServiceService } from '@credential-renewal/proto/notification/v1/preferences';
import { createRpcClient } from '@credential-renewal/rpc';
import { uuidv7 } from '@credential-renewal/runtime';
import { Registry } from 'prom-client';
import { expect, onTestFinished, test, vi } from 'vitest';
import { readNotificationConfig } from './config.ts';
import { startNotification } from './start.ts';
import { openNotificationStores } from './store/open-notification-stores.ts';
import {
  describe,
  makeEvent,
  makeHealthy,
  makeNotification,
  makeState,
  sourceUse,
  startMs,
  traceId,
} from './testing/fixtures.ts';
import { startSmtpInbox } from './testing/smtp-inbox.ts';
import {
  notificationClient,
  recordingLogger,
  standingClock,
  startFakeRegistry,
  temporaryDirectory,
} from './testing/start-room.ts';

const { listDeliveries } = NotificationDeliveryServiceService;
const patience = { timeout: 10_000 };

async function startRoom(env: Record<string, string> = {}) {
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
    UNSUBSCRIBE_KEY_FILE: join(directory, 'keys', 'unsubscribe.key'),
    ...env,
  });
  const eventLog = await openEmbeddedEventLog({ directory: join(directory, 'log'), clock, logger });
  onTestFinished(() => eventLog.close());
  const metrics = new Registry();
  const service = await startNotification(config, { clock, logger, metrics, eventLog });
  onTestFinished(() => service.stop());
  const client = notificationClient(service.address);
  const mails = async () => (await client.listMails({ pageSize: 0, pageToken: '', to: '' })).mails;
  return { clock, lines, eventLog, metrics, client, mails, service };
}

test('who was told of what is forgotten once it is older than it is to be kept', async () => {
  const path = join(temporaryDirectory(), 'notification.db');
  const { logger } = recordingLogger();
  const clock = standingClock(startMs);
  const stores = await openNotificationStores({ engine: 'sqlite', path }, { clock, logger });
  const told = (daysAgo: number) =>
    makeNotification({
      ...{ id: uuidv7(startMs - daysAgo * 24 * 3_600_000), episodeId: `${daysAgo} days ago` },
      ...{ state: 'sent', episodeOpen: false },
    });
  // More than are forgotten in one step.
  for (let day = 61; day < 1_200; day++) await stores.notifications.create(told(day));
  await stores.notifications.create(told(59));
  await stores.close();

  const { service } = await startRoom({
    STORE_URL: `sqlite:${path}`,
    NOTIFICATION_RETENTION_DAYS: '60',
  });
  const deliveries = createRpcClient({ listDeliveries }, service.address, { deadlineMs: 5_000 });
  onTestFinished(() => deliveries.close());
  const asked = { accountId: 'account-1', credentialId: 'credential-1', pageSize: 100 };
  await vi.waitFor(async () => {
    const listed = await deliveries.listDeliveries({ ...asked, pageToken: '' });
    expect(listed.deliveries.map(({ episodeId }) => episodeId)).toEqual(['59 days ago']);
  }, patience);
});

test('an event in the log becomes one mail in the mailbox, in the trace of the event', async () => {
  const { eventLog, mails, client, lines } = await startRoom();
  await eventLog.publish([makeEvent(makeState()), makeEvent(makeState())]);

  await vi.waitFor(async () => expect(await mails()).toHaveLength(1), patience);
  const [listed] = await mails();
  expect(listed).toMatchObject({
    subject: 'Credentials expired in source',
    to: 'Ann <ann@example.com>',
    from: 'Credential Renewal <no-reply@localhost>',
    kind: 'expired',
    episodeIds: ['episode-1'],
    text: '',
  });
  const { mail } = await client.getMail({ mailId: listed?.id ?? '' });
  expect(mail?.text).toContain('http://localhost:3000/my-sources?source=source-of-credential-1');
  expect(mail?.html).toContain('Name of source-of-credential-1');

  const sentLines = lines.filter((line) => line['msg'] === 'mail sent');
  expect(sentLines).toEqual([
    expect.objectContaining({
      notification_id: listed?.id,
      episode_id: 'episode-1',
      trace_id: traceId,
    }),
  ]);
  expect(JSON.stringify(lines)).not.toContain('ann@example.com');
});

test('from the third within the window on, one digest goes out when the clock passes its end, without the renewed', async () => {
  const { eventLog, mails, clock, metrics } = await startRoom();
  const died = [1, 2, 3, 4, 5].map((number) =>
    makeState({ credentialId: `credential-${number}`, episodeId: `episode-${number}` }),
  );
  // Order is promised per credential only, so the two that go at once are let through first.
  await eventLog.publish(died.slice(0, 2).map(makeEvent));
  await vi.waitFor(async () => expect(await mails()).toHaveLength(2), patience);
  await eventLog.publish(died.slice(2).map(makeEvent));
  await eventLog.publish([
    makeEvent(makeHealthy(Actor_Kind.USER, { credentialId: 'credential-4' })),
  ]);
  await vi.waitFor(async () => {
    expect(await mails()).toHaveLength(2);
    expect(await metrics.metrics()).toContain(
      'notification_notifications{kind="expired",state="cancelled"} 1',
    );
  }, patience);
  expect(await metrics.metrics()).toContain(
    'notification_notifications{kind="expired",state="waiting"} 2',
  );

  clock.advance(15 * 60_000);
  expect(await metrics.metrics()).toContain('notification_oldest_unsent_age_seconds 900');
  await vi.waitFor(async () => expect(await mails()).toHaveLength(3), patience);
  const [digest] = await mails();
  expect(digest?.kind).toBe('digest');
  expect(digest?.subject).toBe('Credentials expired in source');
  const known = new Set((await mails()).flatMap((mail) => mail.episodeIds));
  expect(known).not.toContain('episode-4');
  expect(known.size).toBe(4);
});

test('with a transport of another machine mails go out by it, at the rate, and are counted', async () => {
  const inbox = await startSmtpInbox();
  onTestFinished(() => inbox.close());
  const { eventLog, mails, metrics, clock } = await startRoom({
    MAIL_TRANSPORT_URL: `smtp://127.0.0.1:${inbox.port}`,
    MAIL_FROM: 'Acme <mail@acme.example>',
    MAIL_RATE_PER_SECOND: '1',
  });
  await eventLog.publish([1, 2].map((number) => makeEvent(death(number))));
  await vi.waitFor(
    async () =>
      expect(await metrics.metrics()).toContain(
        'notification_mails_total{transport="smtp",kind="expired"} 1',
      ),
    patience,
  );
  expect(inbox.mails).toHaveLength(1);
  clock.advance(1_000);
  await vi.waitFor(() => expect(inbox.mails).toHaveLength(2), patience);
  expect(inbox.mails[0]?.header('from')).toBe('Acme <mail@acme.example>');
  expect(await mails()).toEqual([]);
  expect(await metrics.metrics()).toContain(
    'notification_mail_failures_total{transport="smtp",class="refused"} 0',
  );
});

test('the link of a reminder turns reminders off over the RPC, and the deliveries show what came of them', async () => {
  const { eventLog, mails, clock, service, client } = await startRoom();
  await eventLog.publish([makeEvent(death(1))]);
  await vi.waitFor(async () => expect(await mails()).toHaveLength(1), patience);
  clock.advance(24 * 3_600_000 + 15 * 60_000);
  await vi.waitFor(async () => expect(await mails()).toHaveLength(2), patience);
  const [reminder] = await mails();
  const { mail } = await client.getMail({ mailId: reminder?.id ?? '' });
  const [, token = ''] = /unsubscribe\?token=(\S+)/.exec(mail?.text ?? '') ?? [];

  const preferences = createRpcClient(NotificationPreferencesServiceService, service.address, {
    deadlineMs: 5_000,
  });
  const deliveries = createRpcClient({ listDeliveries }, service.address, { deadlineMs: 5_000 });
  onTestFinished(() => {
    preferences.close();
    deliveries.close();
  });
  expect(await preferences.unsubscribe({ token: decodeURIComponent(token) })).toEqual({
    maskedAddress: 'a•••@e•••.com',
  });
  clock.advance(3 * 24 * 3_600_000);
  const states = async () => {
    const listed = await deliveries.listDeliveries({
      ...{ accountId: 'account-1', credentialId: 'credential-1', pageSize: 0, pageToken: '' },
    });
    return listed.deliveries.map(({ kind, state, explanation }) => [kind, state, explanation]);
  };
  const off = 'This person has turned reminders off.';
  await vi.waitFor(
    async () =>
      expect((await states()).toSorted()).toEqual([
        ['expired', DeliveryState.SENT, ''],
        ['reminder', DeliveryState.QUEUED, ''],
        ['reminder', DeliveryState.SENT, ''],
        ['reminder', DeliveryState.CANCELLED, off],
      ]),
    patience,
  );
});

function death(number: number) {
  return makeState({ credentialId: `credential-${number}`, episodeId: `episode-${number}` });
}
