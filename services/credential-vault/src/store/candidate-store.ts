import type { Tokens } from '../credential.ts';

/**
 * Tokens of a finished code exchange, waiting to be verified. `recordId` is what their encryption is bound to.
 * Once settled, the tokens are gone and only the answer stays, so that a repeated commit hears the same.
 */
export type Candidate = {
  transactionId: string;
  accountId: string;
  /** The credential to renew; undefined: a first authorization, which will be stored as `newCredentialId`. */
  credentialId: string | undefined;
  newCredentialId: string;
  tokens: Tokens | undefined;
  grantedScopes: string[];
  createdAtMs: number;
  settled: CandidateOutcome | undefined;
};

export type CandidateOutcome =
  | { kind: 'installed'; credentialId: string; joined: boolean }
  | { kind: 'wrong_identity'; expectedMaskedLabel: string; actualMaskedLabel: string }
  | {
      kind: 'insufficient_scope';
      missingScopes: string[];
      installedCredentialId: string | undefined;
    };

export type CandidateStore = {
  /** Stores it unless the transaction has one already: a code is exchanged once. */
  put(candidate: Candidate): Promise<void>;
  find(transactionId: string): Promise<Candidate | undefined>;
  /** Forgets the tokens and keeps the outcome. */
  settle(transactionId: string, outcome: CandidateOutcome): Promise<void>;
  drop(transactionId: string): Promise<void>;
  /** Not settled, created before, oldest first. */
  listOpen(createdBeforeMs: number, limit: number): Promise<string[]>;
  /** How many hold a token under a data key older than this one, counted to `most`; they are gone within a day. */
  countOlderDataKey(kid: string, most: number): Promise<number>;
  /** Removes settled and abandoned ones created before. */
  prune(createdBeforeMs: number): Promise<void>;
};
