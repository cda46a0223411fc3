import { CredentialState } from '@credential-renewal/proto/events/v1/credential';
import type { Use } from '../use.ts';

/** JSON of a use, without what changes by itself beside it: its revision and the date of its last sync. */
export function writeUseDocument(use: Use): string {
  return JSON.stringify({
    ...use,
    revision: undefined,
    lastSyncedAtMs: undefined,
    credential: use.credential && CredentialState.toJSON(use.credential),
    accountSwitchedAtVersion: use.accountSwitchedAtVersion?.toString(),
  });
}

export function readUseDocument(
  document: string,
  revision: number,
  lastSyncedAtMs: number | null,
): Use {
  const read = JSON.parse(document);
  return {
    ...read,
    revision,
    ...(read.credential ? { credential: CredentialState.fromJSON(read.credential) } : {}),
    ...(read.accountSwitchedAtVersion
      ? { accountSwitchedAtVersion: BigInt(read.accountSwitchedAtVersion) }
      : {}),
    ...(lastSyncedAtMs === null ? {} : { lastSyncedAtMs }),
  };
}
