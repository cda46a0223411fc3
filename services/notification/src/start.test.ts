import { join } from 'node:path';
import { openEmbeddedEventLog } from '@credential-renewal/events';
import { Actor_Kind } from '@credential-renewal/proto/events/v1/credential';
import { Registry } from 'prom-client';
import { expect, onTestFinished, test, vi } from 'vitest';
import { readNotificationConfig } from './config.ts';
import { startNotification } from './start.ts';
import {
  describe,
  makeEvent,
  makeHealthy,
  makeState,
  sourceUse,
  startMs,
  traceId,
} from './testing/fixtures.ts';
import {
  notificationClient,
  recordingLogger,
  standingClock,
  startFakeRegistry,
  temporaryDirectory,
} from './testing/start-room.ts';

async function startRoom() {
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

test('an event in the log becomes one mail in the mailbox, in the trace of the event', async () => {
  const { eventLog, mails, client, lines } = await startRoom();
  await eventLog.publish([makeEvent(makeState()), makeEvent(makeState())]);

  await vi.waitFor(async () => expect(await mails()).toHaveLength(1));
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
  await vi.waitFor(async () => expect(await mails()).toHaveLength(2));
  await eventLog.publish(died.slice(2).map(makeEvent));
  await eventLog.publish([
    makeEvent(makeHealthy(Actor_Kind.USER, { credentialId: 'credential-4' })),
  ]);
  await vi.waitFor(async () => {
    expect(await mails()).toHaveLength(2);
    expect(await metrics.metrics()).toContain(
      'notification_notifications{kind="expired",state="cancelled"} 1',
    );
  });
  expect(await metrics.metrics()).toContain(
    'notification_notifications{kind="expired",state="waiting"} 2',
  );

  clock.advance(15 * 60_000);
  expect(await metrics.metrics()).toContain('notification_oldest_unsent_age_seconds 900');
  await vi.waitFor(async () => expect(await mails()).toHaveLength(3), { timeout: 3_000 });
  const [digest] = await mails();
  expect(digest?.kind).toBe('digest');
  expect(digest?.subject).toBe('Credentials expired in source');
  const known = new Set((await mails()).flatMap((mail) => mail.episodeIds));
  expect(known).not.toContain('episode-4');
  expect(known.size).toBe(4);
});
