import { CredentialState } from '@credential-renewal/proto/events/v1/credential';
import type { Use } from '../use.ts';

/** A use as JSON, without what changes by itself beside it: its revision and the date of its last sync. */
export type UseDocument = { readonly [field: string]: unknown };

export function writeUseDocument(use: Use): UseDocument {
  return {
    ...use,
    revision: undefined,
    lastSyncedAtMs: undefined,
    credential: use.credential && CredentialState.toJSON(use.credential),
    accountSwitchedAtVersion: use.accountSwitchedAtVersion?.toString(),
  };
}

export function readUseDocument(
  document: UseDocument,
  revision: number,
  lastSyncedAtMs?: number | null,
): Use {
  const { credential, accountSwitchedAtVersion } = document;
  const read = {
    ...document,
    revision,
    ...(credential ? { credential: CredentialState.fromJSON(credential) } : {}),
    ...(accountSwitchedAtVersion
      ? { accountSwitchedAtVersion: BigInt(accountSwitchedAtVersion as string) }
      : {}),
    ...(typeof lastSyncedAtMs === 'number' ? { lastSyncedAtMs } : {}),
  };
  return read as unknown as Use;
}
