import { createOutboxRelay, type EventLog, measureOutbox } from '@credential-renewal/events';
import { CredentialVaultServiceService } from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import { createRpcServer, serve } from '@credential-renewal/rpc';
import {
  type Clock,
  degraded,
  type Logger,
  type ReadinessCheck,
  uuidv7,
} from '@credential-renewal/runtime';
import type { Registry } from 'prom-client';
import type { CredentialVaultConfig } from './config.ts';
import { openKeyring } from './encryption/keyring.ts';
import { createTokenCipher } from './encryption/token-cipher.ts';
import { createHandlers } from './rpc/handlers.ts';
import { openVaultStores } from './store/open-vault-stores.ts';
import { createTimeSweep } from './time-sweep.ts';
import type { VaultContext } from './vault-context.ts';

export type CredentialVaultDeps = {
  clock: Clock;
  logger: Logger;
  metrics: Registry;
  eventLog: EventLog;
  random?: () => number;
};

export type RunningCredentialVault = {
  /** Where it listens; with port 0, the port that was given. */
  address: string;
  readiness: Record<string, ReadinessCheck>;
  /** Finishes running calls, publishes what it can, closes the store. */
  stop(): Promise<void>;
};

const timeSweepIntervalMs = 1_000;

/** The vault's composition root. */
export async function startCredentialVault(
  config: CredentialVaultConfig,
  { clock, logger, metrics, eventLog, random = Math.random }: CredentialVaultDeps,
): Promise<RunningCredentialVault> {
  const stores = await openVaultStores(config.store, { clock, logger });
  const newId = () => uuidv7(clock.nowMs());
  try {
    const keyring = await openKeyring({
      keyFile: config.keyFile,
      dataKeys: stores.dataKeys,
      nowMs: clock.nowMs(),
    });
    const store = stores.credentials;
    measureOutbox('credential_vault', store.outbox, metrics);
    const relay = createOutboxRelay({ outbox: store.outbox, eventLog, logger, clock });
    const vault: VaultContext = {
      store,
      candidates: stores.candidates,
      cipher: createTokenCipher(keyring),
      clock,
      random,
      newId,
      attemptRules: config,
      published: relay.wake,
    };
    const sweep = createTimeSweep(vault, logger, timeSweepIntervalMs);
    const server = await createRpcServer({
      name: 'credential-vault',
      address: config.listenAddress,
      logger,
      services: [serve(CredentialVaultServiceService, createHandlers(vault))],
    });
    return {
      address: server.address,
      readiness: { store: stores.problem, outbox: () => degraded(relay.problem()) },
      async stop() {
        await server.stop();
        await sweep.stop();
        await relay.stop();
        await stores.close();
      },
    };
  } catch (error) {
    await stores.close();
    throw error;
  }
}
