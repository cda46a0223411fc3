import { Counter, type Registry } from 'prom-client';
import type { UnreadableReason } from './errors.ts';

export type VaultMetrics = {
  /** To be watched: with each, a person will have to renew, or an operator to bring a key back. */
  decryptFailed(reason: UnreadableReason): void;
};

const unreadableReasons: readonly UnreadableReason[] = [
  'malformed',
  'moved',
  'tampered',
  'unknown_key',
];

export function createVaultMetrics(registry: Registry): VaultMetrics {
  const decryptFailures = new Counter({
    name: 'credential_vault_decrypt_failures_total',
    help: 'Stored tokens that could not be opened, by what is wrong with them',
    labelNames: ['reason'],
    registers: [registry],
  });
  // From the start at zero, so that an alert on an increase sees the first one too.
  for (const reason of unreadableReasons) decryptFailures.inc({ reason }, 0);
  return { decryptFailed: (reason) => decryptFailures.inc({ reason }) };
}
