/** How often one worker was given the access token of one credential on one day. */
export type TokenReads = {
  accountId: string;
  credentialId: string;
  worker: string;
  /** 2026-11-26, in UTC. */
  day: string;
  count: number;
  lastReadAtMs: number;
};

/**
 * Keeps the counts of token reads. The law for every engine (`token-read-store.contract.ts` checks it):
 *
 * - one entry for each day, credential and worker; `add` is one conditional write of it, and of any number that are added at once
 *   none is lost.
 * - `list` answers in the order of `tokenReadsId`, so by day first, and `after` continues behind an entry.
 * - what resolved is on disk.
 */
export type TokenReadStore = {
  add(reads: TokenReads): Promise<void>;
  /** Of one account, from `fromDay` on. */
  list(options: {
    accountId: string;
    credentialId?: string | undefined;
    fromDay: string;
    /** The id of the last entry of the page before. */
    after?: string | undefined;
    limit: number;
  }): Promise<TokenReads[]>;
  forget(beforeDay: string): Promise<number>;
};

/** Neither days nor credential ids have a slash. */
export function tokenReadsId(reads: Pick<TokenReads, 'day' | 'credentialId' | 'worker'>): string {
  return `${reads.day}/${reads.credentialId}/${reads.worker}`;
}
