import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  readCredentialVaultConfig,
  startCredentialVault,
} from '@credential-renewal/credential-vault';
import { type EventLog, openEmbeddedEventLog } from '@credential-renewal/events';
import { readNotificationConfig, startNotification } from '@credential-renewal/notification';
import { startSmtpInbox } from '@credential-renewal/notification/testing';
import { CredentialVaultServiceService } from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import {
  type DescribeCredentialUsesResponse,
  SourceRegistryServiceService,
} from '@credential-renewal/proto/source_registry/v1/source_registry';
import { createRpcClient, createRpcServer, type RpcClient, serve } from '@credential-renewal/rpc';
import {
  createLogger,
  createShiftableClock,
  type ShiftableClock,
} from '@credential-renewal/runtime';
import { Registry } from 'prom-client';

export type StormSettings = { perSecond: number; digestWindowMs: number };

/** What is outside of vault and notification. */
export type StormSurroundings = {
  /** The registry's answer. */
  usesOf: (credentialId: string) => DescribeCredentialUsesResponse;
  onMail: (mail: { to: string; text: string }) => void;
};

export type StormWorld = {
  /** It stands still until it is moved. */
  clock: ShiftableClock;
  vault: RpcClient<typeof CredentialVaultServiceService>;
  eventLog: EventLog;
  vaultMetrics: Registry;
  notificationMetrics: Registry;
} & AsyncDisposable;

const startMs = Date.UTC(2026, 4, 3, 12);
const deadline = { deadlineMs: 120_000 };

const { describeCredentialUses } = SourceRegistryServiceService;

/**
 * Vault and notification in this process, over real gRPC, on SQLite and the embedded log, with a mail server that only counts. The registry is a gRPC server that
 * answers from what was made: its own part in a storm is the same write for each state as at any other time.
 */
export async function startStormWorld(
  { perSecond, digestWindowMs }: StormSettings,
  { usesOf, onMail }: StormSurroundings,
): Promise<StormWorld> {
  await using starting = new AsyncDisposableStack();
  const directory = mkdtempSync(join(tmpdir(), 'mail-storm-'));
  starting.defer(() => rmSync(directory, { recursive: true, force: true }));
  const socket = (name: string) => `unix:${join(directory, name)}`;
  const settingsOf = (name: string) => ({
    LISTEN_ADDRESS: socket(name),
    STORE_URL: `sqlite:${join(directory, `${name}.db`)}`,
  });
  const clock = createShiftableClock({ nowMs: () => startMs });
  const logger = createLogger({ service: 'storm', level: 'silent' });
  const eventLog = await openEmbeddedEventLog({ directory, clock, logger });
  starting.defer(() => eventLog.close());
  const deps = { clock, logger, eventLog };
  const vaultMetrics = new Registry();
  const vaultService = await startCredentialVault(
    readCredentialVaultConfig({
      ...settingsOf('vault'),
      KEY_ENCRYPTION_KEY_URL: `file:${join(directory, 'vault.key')}`,
    }),
    { ...deps, metrics: vaultMetrics },
  );
  starting.defer(() => vaultService.stop());
  const registry = await createRpcServer({
    ...{ name: 'source-registry', address: socket('registry'), logger },
    services: [
      serve(
        { describeCredentialUses },
        { describeCredentialUses: async ({ credentialId }) => usesOf(credentialId) },
      ),
    ],
  });
  starting.defer(() => registry.stop());
  const inbox = await startSmtpInbox({
    take: ({ envelope, text }) => onMail({ to: envelope.to.join(), text }),
  });
  starting.defer(() => inbox.close());
  const notificationMetrics = new Registry();
  const notification = await startNotification(
    readNotificationConfig({
      ...settingsOf('notification'),
      REGISTRY_ADDRESS: registry.address,
      PUBLIC_URL: 'https://app.example',
      MAIL_TRANSPORT_URL: `smtp://127.0.0.1:${inbox.port}`,
      MAIL_FROM: 'Credential Renewal <no-reply@app.example>',
      MAIL_RATE_PER_SECOND: String(perSecond),
      DIGEST_WINDOW_MS: String(digestWindowMs),
      UNSUBSCRIBE_KEY_FILE: join(directory, 'unsubscribe.key'),
    }),
    { ...deps, metrics: notificationMetrics },
  );
  starting.defer(() => notification.stop());
  const vault = createRpcClient(CredentialVaultServiceService, vaultService.address, deadline);
  starting.defer(() => vault.close());
  const running = starting.move();
  return {
    ...{ clock, vault, eventLog, vaultMetrics, notificationMetrics },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
