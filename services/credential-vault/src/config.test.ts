import { expect, test } from 'vitest';
import { readCredentialVaultConfig } from './config.ts';

const required = { STORE_URL: 'sqlite:vault.db', KEY_ENCRYPTION_KEY_URL: 'file:vault.key' };

test('what is not set has a default', () => {
  expect(readCredentialVaultConfig(required)).toEqual({
    listenAddress: '127.0.0.1:50052',
    rpc: { tlsDirectory: undefined, healthAddress: undefined },
    store: { engine: 'sqlite', path: 'vault.db' },
    keys: {
      keyEncryptionKey: { kind: 'file', path: 'vault.key' },
      previousKeyEncryptionKey: undefined,
    },
    confirmRefusalAfterMs: 60_000,
    maxRetryDelayMs: 300_000,
    verdicts: 'on',
    outage: { minAccounts: 3, ratio: 0.5, windowMs: 600_000, holdMs: 3_600_000 },
  });
});

test('every wrong setting is named at once', () => {
  const wrong = {
    VERDICTS: 'off',
    OUTAGE_MIN_ACCOUNTS: '1',
    OUTAGE_RATIO_PERCENT: '101',
    OUTAGE_WINDOW_MS: 'ten',
    OUTAGE_HOLD_MS: '999999999999',
  };
  const told = () => readCredentialVaultConfig(wrong);
  for (const name of [...Object.keys(wrong), 'STORE_URL', 'KEY_ENCRYPTION_KEY_URL'])
    expect(told).toThrow(name);
});
