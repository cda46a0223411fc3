import { createOutboxRelay, type EventLog, measureOutbox } from '@credential-renewal/events';
import { CredentialVaultServiceService } from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import { VaultKeysServiceService } from '@credential-renewal/proto/credential_vault/v1/vault_keys';
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
import { createTokenCipher } from './encryption/token-cipher.ts';
import { createVaultMetrics } from './metrics.ts';
import { createKeySweep } from './rotation/key-sweep.ts';
import { createHandlers, createKeysHandlers } from './rpc/handlers.ts';
import { openVaultStores } from './store/open-vault-stores.ts';
import { createTimeSweep } from './time-sweep.ts';
import { createUndecryptableRecords, tellUnreadable } from './undecryptable-records.ts';
import type { VaultContext } from './vault-context.ts';
import { createKeyReload, openVaultKeys } from './vault-keys.ts';

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
    const keys = await openVaultKeys(config.keys, {
      ...{ dataKeys: stores.dataKeys, nowMs: clock.nowMs(), logger },
    });
    const store = stores.credentials;
    const undecryptable = createUndecryptableRecords(clock);
    const vaultMetrics = createVaultMetrics(metrics);
    const unreadable = tellUnreadable({ undecryptable, metrics: vaultMetrics, logger });
    measureOutbox('credential_vault', store.outbox, metrics);
    const relay = createOutboxRelay({ outbox: store.outbox, eventLog, logger, clock });
    const vault: VaultContext = {
      store,
      candidates: stores.candidates,
      keys,
      cipher: createTokenCipher(keys.keyring, unreadable),
      undecryptable,
      clock,
      random,
      newId,
      attemptRules: config,
      published: relay.wake,
      wakeKeySweep: () => keySweep.wake(),
    };
    const sweep = createTimeSweep(vault, logger, timeSweepIntervalMs);
    const keyReload = createKeyReload(keys, logger);
    const keySweep = createKeySweep(vault, logger);
    const server = await createRpcServer({
      name: 'credential-vault',
      address: config.listenAddress,
      logger,
      services: [
        serve(CredentialVaultServiceService, createHandlers(vault)),
        serve(VaultKeysServiceService, createKeysHandlers(vault)),
      ],
    });
    return {
      address: server.address,
      readiness: {
        store: stores.problem,
        outbox: () => degraded(relay.problem()),
        keys: () => degraded(keys.keyring.problem()),
      },
      async stop() {
        await server.stop();
        await sweep.stop();
        await keySweep.stop();
        await keyReload.stop();
        await relay.stop();
        await stores.close();
        keys.keyring.close();
      },
    };
  } catch (error) {
    await stores.close();
    throw error;
  }
}
