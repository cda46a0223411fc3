import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  readCredentialVaultConfig,
  startCredentialVault,
} from '@credential-renewal/credential-vault';
import { openEmbeddedEventLog } from '@credential-renewal/events';
import { readNotificationConfig, startNotification } from '@credential-renewal/notification';
import { readOauthBrokerConfig, startOauthBroker } from '@credential-renewal/oauth-broker';
import type { Caller } from '@credential-renewal/rpc';
import { createLogger, systemClock } from '@credential-renewal/runtime';
import { readSourceRegistryConfig, startSourceRegistry } from '@credential-renewal/source-registry';
import { Registry } from 'prom-client';
import { top } from '../check/source-files.ts';
import { freePorts } from '../system/free-ports.ts';
import { issueCertificates } from '../system/issue-certificates.ts';

type Service = 'credential-vault' | 'source-registry' | 'oauth-broker' | 'notification';

export type SecuredServices = {
  certificates: Record<Caller, string>;
  address(service: string): string;
  healthAddresses: string[];
  metrics: Record<Service, Registry>;
  stop(): Promise<void>;
};

/** All services with the certificates they have in production, over TCP, in this process. */
export async function startSecuredServices(): Promise<SecuredServices> {
  const directory = mkdtempSync(join(tmpdir(), 'cr-secured-'));
  const ends: (() => unknown)[] = [() => rmSync(directory, { recursive: true, force: true })];
  const certificates = issueCertificates(join(directory, 'certificates')).directories;
  const services: Service[] = [
    'credential-vault',
    'source-registry',
    'oauth-broker',
    'notification',
  ];
  const ports = await freePorts(2 * services.length);
  const at = (index: number) => `127.0.0.1:${ports[index]}`;
  const address = (service: string) => at(services.indexOf(service as Service));
  const healthAddresses = services.map((_, index) => at(services.length + index));
  const metrics = {} as Record<Service, Registry>;
  const logger = createLogger({ service: 'test', level: 'silent' });
  const eventLog = await openEmbeddedEventLog({
    ...{ directory: join(directory, 'events'), clock: systemClock, logger },
  });
  ends.push(() => eventLog.close());

  const env = (service: Service & Caller) => ({
    LISTEN_ADDRESS: address(service),
    HEALTH_ADDRESS: healthAddresses[services.indexOf(service)],
    RPC_TLS_DIRECTORY: certificates[service],
    STORE_URL: `sqlite:${join(directory, `${service}.db`)}`,
    KEY_ENCRYPTION_KEY_URL: `file:${join(directory, 'vault.key')}`,
    VAULT_ADDRESS: address('credential-vault'),
    REGISTRY_ADDRESS: address('source-registry'),
    PUBLIC_URL: 'http://localhost:3000',
    CATALOGUE_DIRECTORY: join(top, 'services/oauth-broker/catalogue'),
  });
  const deps = (service: Service) => {
    metrics[service] = new Registry();
    return { clock: systemClock, logger, eventLog, metrics: metrics[service] };
  };
  const running = [
    await startCredentialVault(
      readCredentialVaultConfig(env('credential-vault')),
      deps('credential-vault'),
    ),
    await startSourceRegistry(
      readSourceRegistryConfig(env('source-registry')),
      deps('source-registry'),
    ),
    await startOauthBroker(readOauthBrokerConfig(env('oauth-broker')), deps('oauth-broker')),
    await startNotification(readNotificationConfig(env('notification')), deps('notification')),
  ];
  ends.push(...running.map((service) => () => service.stop()));
  return {
    ...{ certificates, address, healthAddresses, metrics },
    async stop() {
      for (const end of ends.splice(0).reverse()) await end();
    },
  };
}
