import type { CredentialState } from '@credential-renewal/proto/events/v1/credential';
import type { AuditEntry } from './audit-entry.ts';
import type { Drills } from './drill.ts';

/** A copy of the catalogue's entry, made when the use was. */
export type Connector = {
  id: string;
  name: string;
  kind: 'personal' | 'enterprise';
  providerName: string;
};

type UseOfCredential = {
  id: string;
  accountId: string;
  name: string;
  connector: Connector;
  createdAtMs: number;
  /** Counts the published states of this use, so it is also the sequence of its events. */
  version: number;
  /** Counts the changes of this document; the store compares it. */
  revision: number;
  /** The newest state seen of the credential it uses. Absent: pending. */
  credential?: CredentialState;
  /** Until its first authorization: when somebody last set about it. Left alone for a day, it vanishes. */
  pendingSinceMs?: number;
  /** The newest credential version whose switch of provider account is in the history. */
  accountSwitchedAtVersion?: bigint;
  drills?: Drills;
  deleting?: { userId: string; sinceMs: number };
};

export type Source = UseOfCredential & {
  kind: 'source';
  creatorId: string;
  workspaceId?: string;
  authorizedConnectionId?: string;
  /** Kept beside the document: a report of a worker is no change of it. */
  lastSyncedAtMs?: number;
};

export type Connection = UseOfCredential & {
  kind: 'connection';
  ownerId: string;
  sharedWith: string[];
};

/** What uses a credential: a source, or an authorized connection. */
export type Use = Source | Connection;

/**
 * One change of one use, written whole or not at all. `announce` publishes the use as it is then on
 * `source.credential-state` (or its tombstone once it is deleting or removed), in the same write. What happens to its drill is always published.
 */
export type UseChange<U extends Use = Use> = {
  next: U | 'removed';
  announce: boolean;
  audit?: Omit<AuditEntry, 'position' | 'useId'>;
};

export function responsibleOf(use: Use): string {
  return use.kind === 'source' ? use.creatorId : use.ownerId;
}
