import { delimiter } from 'node:path';
import { type RpcSettings, readRpcSettings, readRpcTarget } from '@credential-renewal/rpc';
import { type EgressSettings, readEgressSettings, readSettings } from '@credential-renewal/runtime';
import { readStoreSettings, type StoreSettings } from '@credential-renewal/storage';

export type OauthBrokerConfig = {
  /** `unix:/path` or `host:port`. */
  listenAddress: string;
  /** Certificates for calls, and where probes ask. */
  rpc?: RpcSettings;
  store: StoreSettings;
  vaultAddress: string;
  registryAddress: string;
  /** Where browsers reach the gateway; the base of the redirect URIs. */
  publicUrl: URL;
  /** Later ones are laid over earlier ones. */
  catalogueDirectories: readonly string[];
  refreshHttpTimeoutMs: number;
  refreshLeaseMs: number;
  sweepIntervalMs: number;
  /** Requests at a time to one provider client. */
  providerConcurrency: number;
  identityCheckIntervalMs: number;
  /** How requests to providers leave the network. */
  egress?: EgressSettings;
};

/** Reads the environment; every wrong variable is named at once. */
export function readOauthBrokerConfig(env: Record<string, string | undefined>): OauthBrokerConfig {
  return readSettings(env, (settings) => {
    const refreshHttpTimeoutMs = settings.integer('REFRESH_HTTP_TIMEOUT_MS', 10_000, { min: 10 });
    const refreshLeaseMs = settings.integer('REFRESH_LEASE_MS', 25_000, { min: 100 });
    // A holder whose request may still be under way must not lose its lease (semantics 7).
    if (refreshLeaseMs <= 2 * refreshHttpTimeoutMs) {
      settings.problem('REFRESH_LEASE_MS must be more than twice REFRESH_HTTP_TIMEOUT_MS');
    }
    return {
      listenAddress: settings.text('LISTEN_ADDRESS'),
      rpc: readRpcSettings(settings),
      store: readStoreSettings(settings),
      vaultAddress: readRpcTarget(settings, 'VAULT_ADDRESS'),
      registryAddress: readRpcTarget(settings, 'REGISTRY_ADDRESS'),
      publicUrl: settings.url('PUBLIC_URL', ['http', 'https']),
      catalogueDirectories: settings.text('CATALOGUE_DIRECTORY').split(delimiter).filter(Boolean),
      refreshHttpTimeoutMs,
      refreshLeaseMs,
      sweepIntervalMs: settings.integer('SWEEP_INTERVAL_MS', 5_000, { min: 10 }),
      providerConcurrency: settings.integer('PROVIDER_CONCURRENCY', 8, { min: 1, max: 1_000 }),
      identityCheckIntervalMs: settings.integer('IDENTITY_CHECK_INTERVAL_MS', 900_000, {
        min: 1_000,
      }),
      egress: readEgressSettings(settings),
    };
  });
}
