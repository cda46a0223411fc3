import { type RpcSettings, readRpcSettings } from '@credential-renewal/rpc';
import { readSettings } from '@credential-renewal/runtime';
import { readStoreSettings, type StoreSettings } from '@credential-renewal/storage';

export type SourceRegistryConfig = {
  /** `unix:/path` or `host:port`. */
  listenAddress: string;
  /** Certificates for calls, and where probes ask. */
  rpc?: RpcSettings;
  store: StoreSettings;
  /** A drill that nobody ends is over after this; a week unless set. */
  drillLifetimeMs?: number;
};

export const weekMs = 7 * 24 * 60 * 60_000;

/** Errors: ConfigurationInvalidError naming every wrong variable. */
export function readSourceRegistryConfig(
  env: Record<string, string | undefined>,
): SourceRegistryConfig {
  return readSettings(env, (settings) => ({
    listenAddress: settings.text('LISTEN_ADDRESS', '127.0.0.1:50051'),
    rpc: readRpcSettings(settings),
    store: readStoreSettings(settings),
    drillLifetimeMs: settings.integer('DRILL_LIFETIME_MS', weekMs, {
      min: 60_000,
      max: 8 * weekMs,
    }),
  }));
}
