import { join } from 'node:path';
import { createHandlers, openVault } from '@credential-renewal/credential-vault';
import { openEmbeddedEventLog } from '@credential-renewal/events';
import type { CredentialVaultServiceService } from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import type { RpcClient } from '@credential-renewal/rpc';
import { type Clock, createLogger } from '@credential-renewal/runtime';
import { Registry } from 'prom-client';
import { vaultConfigAt } from '../faults/refresh/vault-in-hand.ts';

export type VaultToFill = Pick<
  RpcClient<typeof CredentialVaultServiceService>,
  'storeCandidate' | 'commitCandidate'
>;

/** The vault below `directory` in this process and without a server, to fill it: what is not measured need not go over the wire. */
export async function fillVault<T>(
  directory: string,
  clock: Clock,
  fill: (vault: VaultToFill) => Promise<T>,
): Promise<T> {
  const logger = createLogger({ service: 'bench', level: 'error' });
  const eventLog = await openEmbeddedEventLog({
    ...{ directory: join(directory, 'events-of-filling'), clock, logger },
  });
  const { vault, close } = await openVault(vaultConfigAt(directory, ''), {
    ...{ clock, logger, eventLog, metrics: new Registry() },
  });
  const handlers = createHandlers(vault);
  const context = { signal: new AbortController().signal };
  try {
    return await fill({
      storeCandidate: (request) => handlers.storeCandidate(request, context),
      commitCandidate: (request) => handlers.commitCandidate(request, context),
    });
  } finally {
    await close();
    await eventLog.close();
  }
}

/** So many at a time share a commit of the store. */
const atATime = 500;

export async function eachOf<T>(
  items: Iterator<T>,
  work: (item: T) => Promise<void>,
  lanes = atATime,
): Promise<void> {
  const lane = async () => {
    for (let next = items.next(); !next.done; next = items.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}
