import { type RpcSettings, readRpcSettings } from '@credential-renewal/rpc';
import { readSettings } from '@credential-renewal/runtime';
import { readStoreSettings, type StoreSettings } from '@credential-renewal/storage';
import { type KeySettings, readKeySettings } from './encryption/key-settings.ts';
import type { OutageSettings } from './rules/outage-breaker.ts';
import type { VerdictSwitch } from './verdict-gate.ts';

export type CredentialVaultConfig = {
  /** `unix:/path` or `host:port`. */
  listenAddress: string;
  /** Certificates for calls, and where probes ask. */
  rpc?: RpcSettings;
  store: StoreSettings;
  /** A file is made at the first start. */
  keys: KeySettings;
  /** How long a refusal in unknown words waits for its second try. */
  confirmRefusalAfterMs: number;
  /** The longest wait between two attempts while a provider is in trouble. */
  maxRetryDelayMs: number;
  verdicts: VerdictSwitch;
  outage: OutageSettings;
};

export function readCredentialVaultConfig(
  env: Record<string, string | undefined>,
): CredentialVaultConfig {
  return readSettings(env, (settings) => ({
    listenAddress: settings.text('LISTEN_ADDRESS', '127.0.0.1:50052'),
    rpc: readRpcSettings(settings),
    store: readStoreSettings(settings),
    keys: readKeySettings(settings),
    confirmRefusalAfterMs: settings.integer('CONFIRM_REFUSAL_AFTER_MS', 60_000, { min: 100 }),
    maxRetryDelayMs: settings.integer('MAX_RETRY_DELAY_MS', 300_000, { min: 1_000 }),
    verdicts: settings.oneOf('VERDICTS', ['on', 'pause', 'shadow'], 'on'),
    outage: {
      minAccounts: settings.integer('OUTAGE_MIN_ACCOUNTS', 3, { min: 2 }),
      ratio: settings.integer('OUTAGE_RATIO_PERCENT', 50, { min: 1, max: 100 }) / 100,
      windowMs: settings.integer('OUTAGE_WINDOW_MS', 600_000, { min: 1_000 }),
      holdMs: settings.integer('OUTAGE_HOLD_MS', 3_600_000, { min: 1_000, max: 86_400_000 }),
    },
  }));
}
