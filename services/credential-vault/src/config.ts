import { readSettings } from '@credential-renewal/runtime';
import { readStoreSettings, type StoreSettings } from '@credential-renewal/storage';
import { type KeySettings, readKeySettings } from './encryption/key-settings.ts';

export type CredentialVaultConfig = {
  /** `unix:/path` or `host:port`. */
  listenAddress: string;
  store: StoreSettings;
  /** A file is made at the first start. */
  keys: KeySettings;
  /** How long a refusal in unknown words waits for its second try. */
  confirmRefusalAfterMs: number;
  /** The longest wait between two attempts while a provider is in trouble. */
  maxRetryDelayMs: number;
};

export function readCredentialVaultConfig(
  env: Record<string, string | undefined>,
): CredentialVaultConfig {
  return readSettings(env, (settings) => ({
    listenAddress: settings.text('LISTEN_ADDRESS', '127.0.0.1:50052'),
    store: readStoreSettings(settings),
    keys: readKeySettings(settings),
    confirmRefusalAfterMs: settings.integer('CONFIRM_REFUSAL_AFTER_MS', 60_000, { min: 100 }),
    maxRetryDelayMs: settings.integer('MAX_RETRY_DELAY_MS', 300_000, { min: 1_000 }),
  }));
}
