import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Values } from './helm.ts';
import { type ImageName, splitImage } from './images.ts';
import { secret } from './kubectl.ts';

/** The Secrets that the release names: made once, like an operator's. */
export function releaseSecrets(demoDirectory: string): Values[] {
  const clients = providersOf(demoDirectory).flatMap(({ secretFile }) => [
    [basename(secretFile), readFileSync(secretFile)] as const,
  ]);
  const identity = readFileSync(join(demoDirectory, 'demo', 'identity-client-secret'));
  return [
    secret('vault-key', { 'vault.key': `${randomBytes(32).toString('base64url')}\n` }),
    secret('session-key', { 'session.key': randomBytes(32) }),
    secret('identity-provider', { 'client-secret': identity }),
    secret('clients', Object.fromEntries(clients)),
  ];
}

/** The demo world's providers, as an operator's own: secrets by name. */
function providersOf(demoDirectory: string): { provider: Values; secretFile: string }[] {
  const directory = join(demoDirectory, 'demo', 'catalogue');
  return readdirSync(directory).map((name) => {
    const provider = JSON.parse(readFileSync(join(directory, name), 'utf8'));
    const { secretFile } = provider.clients.default;
    provider.clients.default.secretFile = basename(secretFile);
    return { provider, secretFile };
  });
}

export type ReleasePlace = {
  image: string;
  gatewayUrl: string;
  demoUrl: string;
  demoDirectory: string;
  /** This machine, as pods reach it. */
  hostAddress: string;
  kafkaPort: number;
  mongoPort: number;
  sweepIntervalMs: number;
};

/** The five services on MongoDB and Kafka outside of the cluster, with the demo world for everything beyond. */
export function releaseValues(place: ReleasePlace): Values {
  const { hostAddress, demoUrl } = place;
  const image = splitImage(place.image);
  const extraContainers = [demoForwarder(image, Number(new URL(demoUrl).port), hostAddress)];
  return {
    image,
    publicUrl: place.gatewayUrl,
    mongodb: { url: `mongodb://${hostAddress}:${place.mongoPort}/{database}` },
    kafka: { brokers: [`${hostAddress}:${place.kafkaPort}`], topics: { replicationFactor: 1 } },
    keyEncryptionKey: { file: { existingSecret: 'vault-key' } },
    sessionKey: { existingSecret: 'session-key' },
    identityProvider: {
      issuer: `${demoUrl}/identity`,
      clientId: 'credential-renewal',
      clientSecret: { existingSecret: 'identity-provider' },
    },
    catalogue: {
      shipped: false,
      providers: Object.fromEntries(
        providersOf(place.demoDirectory).map(({ provider }) => [provider['id'], provider]),
      ),
      clientSecrets: { existingSecret: 'clients' },
    },
    settings: { STORE_POOL_SIZE: 5 },
    services: {
      notification: { settings: { DIGEST_WINDOW_MS: 1 } },
      'oauth-broker': {
        extraContainers,
        settings: { SWEEP_INTERVAL_MS: place.sweepIntervalMs },
      },
      gateway: {
        extraContainers,
        settings: {
          OIDC_SCOPE: 'openid profile email account',
          API_AUDIENCE: 'credential-renewal-api',
        },
      },
    },
  };
}

/**
 * The demo world is known as localhost, to browsers and to gateway and broker alike; in their pods this stands in for it. It stays a while
 * after SIGTERM, since they still ask it then.
 */
function demoForwarder({ repository, tag }: ImageName, port: number, hostAddress: string): Values {
  const script = `
    const { connect, createServer } = require('node:net');
    createServer((client) => {
      const target = connect(${port}, '${hostAddress}');
      client.on('error', () => target.destroy());
      target.on('error', () => client.destroy());
      client.pipe(target).pipe(client);
    }).listen(${port}, '127.0.0.1');
    process.on('SIGTERM', () => setTimeout(() => process.exit(0), 10_000));`;
  return {
    name: 'demo-world',
    image: `${repository}:${tag}`,
    command: ['node', '-e', script],
    resources: { requests: { cpu: '5m', memory: '32Mi' } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
  };
}
