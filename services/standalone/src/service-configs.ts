import { join } from 'node:path';
import type { CredentialVaultConfig } from '@credential-renewal/credential-vault';
import type { DemoWorld } from '@credential-renewal/demo-provider';
import type { EventLogSettings } from '@credential-renewal/events';
import type { GatewayConfig } from '@credential-renewal/gateway';
import type { NotificationConfig } from '@credential-renewal/notification';
import type { OauthBrokerConfig } from '@credential-renewal/oauth-broker';
import type { SourceRegistryConfig } from '@credential-renewal/source-registry';
import type { StoreSettings } from '@credential-renewal/storage';
import type { StandaloneConfig } from './config.ts';
import type { DemoPartConfig } from './demo/demo-part.ts';

export type ServiceConfigs = {
  eventLog: EventLogSettings;
  vault: CredentialVaultConfig;
  registry: SourceRegistryConfig;
  notification: NotificationConfig;
  demo: DemoPartConfig;
  /** The catalogue and the identity provider are the demo world's. */
  broker(catalogueDirectory: string): OauthBrokerConfig;
  gateway(demoWorld: DemoWorld): GatewayConfig;
};

/** The settings of each service in this one process: unix sockets below `sockets`, data below the data directory. */
export function serviceConfigs(config: StandaloneConfig, sockets: string): ServiceConfigs {
  const { dataDirectory, host, port, timing } = config;
  const publicUrl = new URL(`http://${host}:${port}`);
  const address = (service: string) => `unix:${join(sockets, service)}`;
  const store = (service: string): StoreSettings => ({
    engine: 'sqlite',
    path: join(dataDirectory, `${service}.db`),
  });
  const key = (name: string) => join(dataDirectory, 'keys', name);
  return {
    eventLog: { engine: 'embedded', directory: join(dataDirectory, 'events') },
    vault: {
      listenAddress: address('vault'),
      store: store('credential-vault'),
      keys: {
        keyEncryptionKey: { kind: 'file', path: key('vault.key') },
        previousKeyEncryptionKey: undefined,
      },
      confirmRefusalAfterMs: 60_000,
      maxRetryDelayMs: 300_000,
      verdicts: config.verdicts,
      outage: { minAccounts: 3, ratio: 0.5, windowMs: 10 * 60_000, holdMs: 60 * 60_000 },
    },
    registry: { listenAddress: address('registry'), store: store('source-registry') },
    notification: {
      listenAddress: address('notification'),
      store: store('notification'),
      registryAddress: address('registry'),
      publicUrl,
      mailTransport: undefined,
      mailFrom: { name: 'Credential Renewal', address: 'no-reply@localhost' },
      productName: 'Credential Renewal',
      branding: new Map(),
      digestWindowMs: timing.digestWindowMs,
      dailyDigestHourUtc: 6,
      unsubscribeKeyFile: key('unsubscribe.key'),
      mailRatePerSecond: 10,
      mailConcurrency: 10,
      mailTimeoutMs: 60_000,
      mailReplyTimeoutMs: 600_000,
      mailReportWaitMs: 10 * 60_000,
      retentionMs: 400 * 24 * 3_600_000,
    },
    demo: {
      ...config,
      port: config.demoPort,
      gatewayUrl: publicUrl.origin,
      brokerAddress: address('broker'),
      registryAddress: address('registry'),
      notificationAddress: address('notification'),
    },
    broker: (catalogueDirectory) => ({
      listenAddress: address('broker'),
      store: store('oauth-broker'),
      vaultAddress: address('vault'),
      registryAddress: address('registry'),
      publicUrl,
      catalogueDirectories: [catalogueDirectory, ...config.catalogueDirectories],
      refreshHttpTimeoutMs: timing.refreshHttpTimeoutMs,
      refreshLeaseMs: timing.refreshLeaseMs,
      sweepIntervalMs: timing.sweepIntervalMs,
      providerConcurrency: 8,
      identityCheckIntervalMs: 15 * 60_000,
    }),
    gateway: ({ identityIssuer, gatewayClient, apiAudience }) => ({
      host,
      port,
      publicUrl,
      registryAddress: address('registry'),
      brokerAddress: address('broker'),
      notificationAddress: address('notification'),
      identityProvider: {
        issuer: new URL(identityIssuer),
        ...gatewayClient,
        scope: 'openid profile email account',
        accountClaim: 'account',
        accountNameClaim: 'account_name',
        roleClaim: 'role',
      },
      apiAudience,
      sessionKeyFile: key('session.key'),
      allowedOrigins: [],
      returnTargetOrigins: [],
      uiDirectory: config.uiDirectory,
    }),
  };
}
