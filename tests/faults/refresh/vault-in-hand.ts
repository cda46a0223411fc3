import { join } from 'node:path';
import {
  type CredentialVaultConfig,
  startCredentialVault,
} from '@credential-renewal/credential-vault';
import type { EventLog } from '@credential-renewal/events';
import type { Logger, ShiftableClock } from '@credential-renewal/runtime';
import { Registry } from 'prom-client';

export type VaultPlace = {
  directory: string;
  listenAddress: string;
  eventLog: EventLog;
  clock: ShiftableClock;
  logger: Logger;
};

export type StartVault = (place: VaultPlace) => Promise<{ stop(): Promise<unknown> }>;

/** How long the vaults of these tests wait before they ask a provider again. */
export const retryWithinMs = 1_000;

export const startVaultHere: StartVault = ({ directory, listenAddress, ...deps }) =>
  startCredentialVault(vaultConfigAt(directory, listenAddress), {
    ...deps,
    metrics: new Registry(),
  });

export function vaultConfigAt(directory: string, listenAddress: string): CredentialVaultConfig {
  return {
    listenAddress,
    store: { engine: 'sqlite', path: join(directory, 'vault.db') },
    keys: {
      keyEncryptionKey: { kind: 'file', path: join(directory, 'vault.key') },
      previousKeyEncryptionKey: undefined,
    },
    confirmRefusalAfterMs: retryWithinMs,
    maxRetryDelayMs: retryWithinMs,
    verdicts: 'on',
    outage: { minAccounts: 3, ratio: 0.5, windowMs: 600_000, holdMs: 3_600_000 },
  };
}

/** A vault that goes and comes back, with what it had stored. */
export async function startVaultInHand(
  startVault: StartVault,
  place: VaultPlace,
): Promise<{ start(): Promise<void>; stop(): Promise<void> }> {
  let running: Awaited<ReturnType<StartVault>> | undefined;
  const inHand = {
    async start() {
      running = await startVault(place);
    },
    async stop() {
      await running?.stop();
      running = undefined;
    },
  };
  await inHand.start();
  return inHand;
}
