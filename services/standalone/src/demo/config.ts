import { resolve } from 'node:path';
import { readRpcTarget, readTlsSettings } from '@credential-renewal/rpc';
import { readSettings, type Settings } from '@credential-renewal/runtime';
import type { DemoPartConfig } from './demo-part.ts';

export type DemoProcessConfig = DemoPartConfig & {
  /** Internal addresses of the processes whose clocks are moved with ours: `http://127.0.0.1:9051`. */
  clockPeers: string[];
};

/** The demo world as a process of its own. Every wrong variable is named at once. */
export function readDemoProcessConfig(env: Record<string, string | undefined>): DemoProcessConfig {
  return readSettings(env, (settings) => ({
    host: settings.text('HOST', 'localhost'),
    port: settings.integer('DEMO_PORT', 3001, { min: 1, max: 65_535 }),
    gatewayUrl: settings.url('PUBLIC_URL', ['http', 'https']).origin,
    dataDirectory: resolve(settings.text('DATA_DIR')),
    brokerAddress: readRpcTarget(settings, 'BROKER_ADDRESS'),
    registryAddress: readRpcTarget(settings, 'REGISTRY_ADDRESS'),
    notificationAddress: readRpcTarget(settings, 'NOTIFICATION_ADDRESS'),
    rpc: readTlsSettings(settings),
    clockPeers: readPeers(settings),
    ...readDemoSettings(settings),
  }));
}

/** What can be set of the demo world wherever it runs. */
export function readDemoSettings(
  settings: Settings,
): Pick<DemoPartConfig, 'demoSources' | 'demoProvider' | 'workerIntervalMs'> {
  return {
    demoSources: settings.flag('DEMO_SOURCES', true),
    demoProvider: {
      accessTokenSeconds: settings.integer('DEMO_ACCESS_TOKEN_SECONDS', 3_600, { min: 1 }),
      revolveGraceSeconds: settings.integer('DEMO_ROTATION_GRACE_SECONDS', 60),
    },
    workerIntervalMs: settings.integer('WORKER_INTERVAL_MS', 2_000, { min: 10 }),
  };
}

function readPeers(settings: Settings): string[] {
  const peers = (settings.optionalText('CLOCK_PEERS') ?? '').split(',').filter((peer) => peer);
  if (!peers.every((peer) => URL.canParse(peer) && new URL(peer).origin === peer))
    settings.problem('CLOCK_PEERS must list internal addresses: http://127.0.0.1:9051,...');
  return peers;
}
