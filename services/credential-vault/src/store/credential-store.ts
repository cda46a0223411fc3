import type { CloudEvent, Outbox } from '@credential-renewal/events';
import type { Credential, CredentialStatus } from '../credential.ts';

export type DueCredential = { id: string; providerId: string; clientId: string };

/** Our client at a provider; without the credentials of the account `except`, where that is given. */
export type ProviderClient = { providerId: string; clientId: string; except?: string };

/** A place in the list of credentials by their data key. */
export type DataKeyPlace = { dataKey: string; id: string };

/** How many credentials of a provider are in a state. */
export type StatusCount = { providerId: string; status: CredentialStatus; count: number };

/** A pure step: the new document and the events that tell of it, or undefined to leave everything as it is. */
export type Transition = (
  credential: Credential,
) => { credential: Credential; events: CloudEvent[] } | undefined;

/**
 * Where credentials live. The law for every engine (`credential-store.contract.ts` checks it):
 *
 * - a change is one conditional write of one document, on the version that was read; a transition that loses the race runs
 *   again on the newer document, so it may run several times and must be pure.
 * - the events of a change enter the outbox in that same atomic write: both or neither.
 * - when a promise resolves, the change survives a kill -9 (SQLite `synchronous=FULL`; MongoDB majority and journal).
 * - a join key belongs to one credential: a change to one that is taken throws, and nothing is written.
 * - `version` goes up by one with each change; an error thrown by a transition changes nothing and passes through.
 */
export type CredentialStore = {
  find(id: string): Promise<Credential | undefined>;
  findByJoinKey(joinKey: string): Promise<Credential | undefined>;
  /** Those of them that are there, in any order. */
  findMany(ids: readonly string[]): Promise<Credential[]>;

  /** False when the id or the join key is taken; then nothing is written. */
  insert(credential: Credential, events: CloudEvent[]): Promise<boolean>;
  /** The document as it is afterwards; undefined when there is none. */
  update(id: string, transition: Transition): Promise<Credential | undefined>;
  /** Removes the document if its version is still this one. */
  remove(id: string, version: number, events: CloudEvent[]): Promise<boolean>;

  /** Due for an attempt and not leased, nearest deadline first, without those of some providers; cost follows what is due, not what is stored. */
  listDue(
    nowMs: number,
    page: { limit: number; excludedProviderIds?: readonly string[] },
  ): Promise<DueCredential[]>;
  /** The earliest moment after `nowMs` at which an attempt falls due or a lease on a due one ends. */
  nextDueMs(nowMs: number): Promise<number | undefined>;
  /** Those that time alone may change by now. */
  listTicks(nowMs: number, limit: number): Promise<string[]>;

  /**
   * Accounts, other than `except`, for which the client worked at or after the moment, looked for in the latest `sample` of such credentials. A sample, because
   * an exact number would cost as much as there are.
   */
  accountsWorkedSince(client: ProviderClient, sinceMs: number, sample: number): Promise<string[]>;
  /** Accounts, other than `except`, for which the provider refuses the client now, of `sample` credentials. */
  accountsRefusingClient(client: ProviderClient, sample: number): Promise<string[]>;
  /** Credentials of the client whose verdicts are held, longest first. */
  listHeld(client: ProviderClient, limit: number): Promise<{ id: string; accountId: string }[]>;
  /** How many there are, counted to `most`. */
  countHeld(client: ProviderClient, most: number): Promise<number>;
  /** Whether another credential that is not being revoked belongs to the same client and provider identity. */
  grantIsShared(credential: Credential): Promise<boolean>;
  /** Being revoked and due for a try. */
  listRevocations(nowMs: number, limit: number): Promise<Credential[]>;

  /** Those with a token under a data key older than this one, oldest key first, after the place where an earlier list ended. */
  listOlderDataKey(
    kid: string,
    after: DataKeyPlace | undefined,
    limit: number,
  ): Promise<DataKeyPlace[]>;
  /** How many there are, counted to `most`. */
  countOlderDataKey(kid: string, most: number): Promise<number>;

  /** All of them: kept with each change, or counted by the database from an index alone, which takes longer the more there are. Not to be asked often. */
  countByStatus(): Promise<StatusCount[]>;

  readonly outbox: Outbox;
};
