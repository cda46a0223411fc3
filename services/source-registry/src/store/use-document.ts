import { CredentialState } from '@credential-renewal/proto/events/v1/credential';
import type { Use } from '../use.ts';

/** JSON of a use. The date of the last sync is not in it: it has a place of its own. */
export function writeUseDocument(use: Use): string {
  return JSON.stringify({
    ...use,
    lastSyncedAtMs: undefined,
    credential: use.credential && CredentialState.toJSON(use.credential),
    accountSwitchedAtVersion: use.accountSwitchedAtVersion?.toString(),
  });
}

export function readUseDocument(document: string, lastSyncedAtMs: number | null): Use {
  const read = JSON.parse(document);
  return {
    ...read,
    ...(read.credential ? { credential: CredentialState.fromJSON(read.credential) } : {}),
    ...(read.accountSwitchedAtVersion
      ? { accountSwitchedAtVersion: BigInt(read.accountSwitchedAtVersion) }
      : {}),
    ...(lastSyncedAtMs === null ? {} : { lastSyncedAtMs }),
  };
}
