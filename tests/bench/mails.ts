import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { buildEvent, openEmbeddedEventLog } from '@credential-renewal/events';
import { readNotificationConfig, startNotification } from '@credential-renewal/notification';
import {
  CredentialState,
  CredentialStatus,
  Resolver,
} from '@credential-renewal/proto/events/v1/credential';
import { NotificationServiceService } from '@credential-renewal/proto/notification/v1/notification';
import {
  DescribeCredentialUsesResponse,
  Recipient_Why,
  SourceRegistryServiceService,
} from '@credential-renewal/proto/source_registry/v1/source_registry';
import { createRpcClient, createRpcServer, serve } from '@credential-renewal/rpc';
import { createLogger, systemClock } from '@credential-renewal/runtime';
import { Registry } from 'prom-client';
import type { Measured } from './figure.ts';
import { percentile } from './statistics.ts';

const burst = 2_000;
const paced = 200;
const paceMs = 50;
const logger = createLogger({ service: 'bench', level: 'silent' });
const { describeCredentialUses } = SourceRegistryServiceService;

/**
 * From `credential.state` in the log to the mail in the mailbox, each with a recipient of its own: how many a second when they come at once, and how long
 * one takes when they come one by one. One process, SQLite and the embedded log, the registry a real gRPC server that answers at once.
 */
export async function measureMails(): Promise<Measured> {
  const directory = mkdtempSync(join(tmpdir(), 'bench-mails-'));
  const undo: (() => unknown)[] = [() => rmSync(directory, { recursive: true })];
  try {
    return await measure(directory, undo);
  } finally {
    for (const step of undo.reverse()) await step();
  }
}

async function measure(directory: string, undo: (() => unknown)[]): Promise<Measured> {
  const registry = await createRpcServer({
    ...{ name: 'source-registry', address: `unix:${join(directory, 'registry')}`, logger },
    services: [
      serve(
        { describeCredentialUses },
        { describeCredentialUses: async ({ credentialId }) => usesOf(credentialId) },
      ),
    ],
  });
  undo.push(() => registry.stop());
  const eventLog = await openEmbeddedEventLog({
    ...{ directory: join(directory, 'log'), clock: systemClock, logger },
  });
  undo.push(() => eventLog.close());
  const config = readNotificationConfig({
    LISTEN_ADDRESS: `unix:${join(directory, 'notification')}`,
    STORE_URL: `sqlite:${join(directory, 'notification.db')}`,
    REGISTRY_ADDRESS: registry.address,
    PUBLIC_URL: 'http://localhost:3000',
  });
  const deps = { clock: systemClock, logger, metrics: new Registry(), eventLog };
  const service = await startNotification(config, deps);
  undo.push(() => service.stop());
  const client = createRpcClient(NotificationServiceService, service.address, {
    deadlineMs: 10_000,
  });
  undo.push(() => client.close());

  /** When each mail was sent, by the number of its episode, once there are so many. */
  async function sentAtMs(count: number): Promise<Map<number, number>> {
    for (;;) {
      const sent = new Map<number, number>();
      for (let pageToken = ''; ; ) {
        const page = await client.listMails({ pageSize: 200, pageToken, to: '' });
        for (const { episodeIds, sentAt } of page.mails) {
          const number = Number(episodeIds[0]?.slice('episode-'.length));
          sent.set(number, sentAt?.getTime() ?? Number.NaN);
        }
        pageToken = page.nextPageToken;
        if (pageToken === '') break;
      }
      if (sent.size >= count) return sent;
      await wait(500);
    }
  }

  const burstAtMs = systemClock.nowMs();
  await eventLog.publish(Array.from({ length: burst }, (_, number) => deathOf(number)));
  const ofBurst = await sentAtMs(burst);
  const tookMs = Math.max(...ofBurst.values()) - burstAtMs;

  const publishedAtMs = new Map<number, number>();
  for (let number = burst; number < burst + paced; number++) {
    publishedAtMs.set(number, systemClock.nowMs());
    await eventLog.publish([deathOf(number)]);
    await wait(paceMs);
  }
  const sent = await sentAtMs(burst + paced);
  const latencies = [...publishedAtMs].map(([number, atMs]) => (sent.get(number) ?? 0) - atMs);
  const perSecond = Math.round(burst / (tookMs / 1_000));
  const [p50, p99] = [percentile(latencies, 0.5), percentile(latencies, 0.99)];
  return {
    lines: [
      `${burst} expiries at once: ${perSecond} mails a second`,
      `one by one: p50 ${p50} ms, p99 ${p99} ms from the event to the mail`,
    ],
    figures: [
      { name: 'mails-per-second', value: perSecond, unit: 'mails/s' },
      { name: 'mail-latency-p50', value: p50, unit: 'ms' },
      { name: 'mail-latency-p99', value: p99, unit: 'ms' },
    ],
  };
}

function usesOf(credentialId: string): DescribeCredentialUsesResponse {
  return DescribeCredentialUsesResponse.fromPartial({
    uses: [
      {
        use: { $case: 'source', value: { id: `source-${credentialId}`, name: 'Team Drive' } },
        connectorName: 'Google Drive',
        recipients: [
          {
            ...{ userId: `user-${credentialId}`, name: 'Ann', why: Recipient_Why.CREATOR },
            email: `${credentialId}@example.com`,
          },
        ],
      },
    ],
  });
}

function deathOf(number: number) {
  const credentialId = `credential-${number}`;
  const state = CredentialState.fromPartial({
    ...{ credentialId, accountId: 'account-1', version: 1n, episodeId: `episode-${number}` },
    ...{ providerId: 'google', providerName: 'Google', status: CredentialStatus.EXPIRED },
    since: new Date(systemClock.nowMs()),
    reason: { code: 'access_withdrawn', text: 'It was withdrawn.', resolver: Resolver.USER },
  });
  return buildEvent({
    ...{ source: '/credential-vault', topic: 'credential.state', schema: 'CredentialState' },
    ...{ subject: credentialId, key: credentialId, sequence: 1, nowMs: systemClock.nowMs() },
    data: CredentialState.toJSON(state),
  });
}
