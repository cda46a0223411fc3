import type { CloudEvent } from '@credential-renewal/events';
import type { AuditEntry } from '../audit-entry.ts';
import type { PageRequest } from '../page.ts';
import type { Connection, Source, Use } from '../use.ts';
import type { UseStatus } from '../use-status.ts';

/** A use as it is to be stored, with what its change tells the world and its history. */
export type UseWrite = {
  use: Use;
  event?: CloudEvent;
  drillEvent?: CloudEvent;
  audit?: AuditEntry;
};

export function eventsOf({ event, drillEvent }: UseWrite): CloudEvent[] {
  return [event, drillEvent].filter((one) => one !== undefined);
}

/**
 * Sources and authorized connections, their histories and their events. The law for every engine
 * (`use-store.contract.ts` checks it):
 *
 * - atomic: a write stores the use, its audit entry and its events, or nothing. It never touches another use.
 * - conditional: `replace` and `remove` succeed only where the stored revision is one less than that of the write, so of
 *   any number of writers that started from the same revision one wins, and the others are told (`false`).
 * - durable: when a write resolves it survives a kill -9.
 * - order: events of one use leave the outbox in the order of their writes.
 * - a removed use is never found, listed or changed again; its events leave the outbox as they would have, and its history stays.
 * - `list…` never show what is deleting or removed, and read no other account's uses to find those asked for.
 */
export type UseStore = {
  /** A new use, revision 1. Throws `UseExistsError` where the id is taken. */
  insert(write: UseWrite): Promise<void>;
  replace(write: UseWrite): Promise<boolean>;
  remove(write: UseWrite): Promise<boolean>;
  /**
   * Moves the revision on and changes nothing else, so that whoever has read the use before loses the race to write it.
   * False: it is deleting, or gone.
   */
  touch(id: string): Promise<boolean>;

  /** Also one that is deleting. */
  find(id: string): Promise<Use | undefined>;
  findConnections(ids: readonly string[]): Promise<Connection[]>;

  /** Newest first. */
  listSources(
    options: PageRequest & {
      accountId: string;
      of: { creatorId: string } | { workspaceId: string };
      status: UseStatus | undefined;
    },
  ): Promise<Source[]>;
  /** Newest first. */
  listConnections(
    options: PageRequest & { accountId: string; status: UseStatus | undefined },
  ): Promise<Connection[]>;
  /** Those of a credential by id, from behind `afterId`; with `olderThan`, only where an older version is stored. */
  listUsesOfCredential(options: {
    accountId: string;
    credentialId: string;
    olderThan?: bigint;
    afterId?: string;
    limit: number;
  }): Promise<Use[]>;
  /** Sources that a connection backs, by id, from behind `afterId`. */
  listBackedSources(options: {
    connectionId: string;
    afterId?: string;
    limit: number;
  }): Promise<Source[]>;

  /** How many sources each connection backs; absent: none. */
  countBackedSources(connectionIds: readonly string[]): Promise<Map<string, number>>;
  /** How many sources each workspace has, and how many of them only a renewal mends; absent: none. */
  countSourcesByWorkspace(
    workspaceIds: readonly string[],
  ): Promise<Map<string, { sources: number; needRenewal: number }>>;

  /** Marked `deleting`, the oldest mark first. */
  listDeleting(limit: number): Promise<Use[]>;
  /** Pending since before `beforeMs`, never authorized. */
  listAbandoned(beforeMs: number, limit: number): Promise<Use[]>;

  /** With a running drill whose time is over at `atMs`. */
  listOverdueDrills(atMs: number, limit: number): Promise<Use[]>;

  /** Moves the date of the last sync forward, never back, without changing the document. False: no such source. */
  recordSync(report: { accountId: string; sourceId: string; syncedAtMs: number }): Promise<boolean>;

  /** Newest first. */
  listAuditEntries(useId: string, page: PageRequest): Promise<AuditEntry[]>;
};
