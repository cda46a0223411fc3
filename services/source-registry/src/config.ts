import { type RpcSettings, readRpcSettings } from '@credential-renewal/rpc';
import { readSettings } from '@credential-renewal/runtime';
import { readStoreSettings, type StoreSettings } from '@credential-renewal/storage';

export type SourceRegistryConfig = {
  /** `unix:/path` or `host:port`. */
  listenAddress: string;
  /** Certificates for calls, and where probes ask. */
  rpc?: RpcSettings;
  store: StoreSettings;
};

/** Errors: ConfigurationInvalidError naming every wrong variable. */
export function readSourceRegistryConfig(
  env: Record<string, string | undefined>,
): SourceRegistryConfig {
  return readSettings(env, (settings) => ({
    listenAddress: settings.text('LISTEN_ADDRESS', '127.0.0.1:50051'),
    rpc: readRpcSettings(settings),
    store: readStoreSettings(settings),
  }));
}
