import { createOutboxRelay, type EventLog, measureOutbox } from '@credential-renewal/events';
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
import type { HoldsContext } from './holds/holds-context.ts';
import { createVaultMetrics, type VaultMetrics } from './metrics.ts';
import { createOutageSweep, describeHolds } from './outage-sweep.ts';
import { createKeySweep } from './rotation/key-sweep.ts';
import { openVaultStores, type VaultStores } from './store/open-vault-stores.ts';
import { createTimeSweep } from './time-sweep.ts';
import { createUndecryptableRecords, tellUnreadable } from './undecryptable-records.ts';
import type { VaultContext } from './vault-context.ts';
import { createKeyReload, openVaultKeys, type VaultKeys } from './vault-keys.ts';
import { createVerdictGate } from './verdict-gate.ts';

export type CredentialVaultDeps = {
  clock: Clock;
  logger: Logger;
  metrics: Registry;
  eventLog: EventLog;
  random?: () => number;
};

export type OpenVault = {
  vault: VaultContext;
  holds: HoldsContext;
  readiness: Record<string, ReadinessCheck>;
  /** Ends the sweeps, publishes what it can, closes the stores. */
  close(): Promise<void>;
};

const sweepIntervalMs = 1_000;

/** The vault without its server: stores, keys, rules, and what goes on by itself. */
export async function openVault(
  config: CredentialVaultConfig,
  deps: CredentialVaultDeps,
): Promise<OpenVault> {
  const stores = await openVaultStores(config.store, deps);
  try {
    const keys = await openVaultKeys(config.keys, {
      ...{ dataKeys: stores.dataKeys, nowMs: deps.clock.nowMs(), logger: deps.logger },
    });
    return compose(config, deps, stores, keys);
  } catch (error) {
    await stores.close();
    throw error;
  }
}

function compose(
  config: CredentialVaultConfig,
  deps: CredentialVaultDeps,
  stores: VaultStores,
  keys: VaultKeys,
): OpenVault {
  const { clock, logger, eventLog } = deps;
  const { outbox } = stores.credentials;
  const metrics = createVaultMetrics(deps.metrics, {
    outages: stores.outages.listActive,
    credentials: stores.credentials.countByStatus,
  });
  measureOutbox('credential_vault', outbox, deps.metrics);
  const relay = createOutboxRelay({ outbox, eventLog, logger, clock });
  const vault: VaultContext = {
    ...contextOf(config, deps, stores, keys, metrics),
    published: relay.wake,
    wakeKeySweep: () => keySweep.wake(),
  };
  const keySweep = createKeySweep(vault, logger);
  const deciding = { outages: stores.outages, settings: config.outage, metrics, logger };
  const sweeps = [
    createTimeSweep(vault, logger, sweepIntervalMs),
    createOutageSweep({ ...deciding, verdicts: config.verdicts, vault }, sweepIntervalMs),
    keySweep,
    createKeyReload(keys, logger),
  ];
  return {
    vault,
    holds: { ...deciding, clock, store: stores.credentials },
    readiness: {
      store: stores.problem,
      outbox: () => degraded(relay.problem()),
      keys: () => degraded(keys.keyring.problem()),
      verdicts: () => degraded(switchedOff(config)),
      outages: async () => degraded(describeHolds(await stores.outages.listActive())),
    },
    async close() {
      for (const sweep of sweeps) await sweep.stop();
      await relay.stop();
      await stores.close();
      keys.keyring.close();
    },
  };
}

function contextOf(
  config: CredentialVaultConfig,
  { clock, logger, random = Math.random }: CredentialVaultDeps,
  { credentials: store, candidates, outages }: VaultStores,
  keys: VaultKeys,
  metrics: VaultMetrics,
): Omit<VaultContext, 'published' | 'wakeKeySweep'> {
  const undecryptable = createUndecryptableRecords(clock);
  const unreadable = tellUnreadable({ undecryptable, metrics, logger });
  const told = switchedOff(config);
  if (told !== undefined) logger.warn(told);
  return {
    ...{ store, candidates, keys, undecryptable, clock, random },
    cipher: createTokenCipher(keys.keyring, unreadable),
    newId: () => uuidv7(clock.nowMs()),
    attemptRules: config,
    metrics,
    verdicts: createVerdictGate({
      ...{ verdicts: config.verdicts, settings: config.outage },
      ...{ store, outages, metrics, clock, logger },
    }),
  };
}

function switchedOff({ verdicts }: CredentialVaultConfig): string | undefined {
  return verdicts === 'on' ? undefined : `VERDICTS is ${verdicts}: no credential is declared dead`;
}
