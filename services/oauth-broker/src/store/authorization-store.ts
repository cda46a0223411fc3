import type { Authorization, AuthorizationStatus } from '../authorization/authorization.ts';

/**
 * Keeps authorizations. The law for every engine (`authorization-store.contract.ts` checks it):
 *
 * - one document each, and every change is one conditional change of one document: `update` reads, applies the pure
 *   `transition`, and writes only if `version` is still what was read; otherwise it begins again. So of any number of
 *   concurrent transitions each sees the result of the one before it.
 * - `version` grows by one with each change; what `transition` says about it is not heard.
 * - a transition that throws changes nothing, and its error reaches the caller.
 * - what resolved is on disk.
 */
export type AuthorizationStore = {
  /** Throws `AuthorizationExistsError` where the id is taken. */
  create(authorization: Authorization): Promise<void>;

  get(id: string): Promise<Authorization | undefined>;

  /** By the hash of the newest `state`; an earlier one finds nothing. */
  findByStateHash(stateHash: string): Promise<Authorization | undefined>;

  /** The one that was created last for a source or connection, however it went. */
  findNewestOfUse(useId: string): Promise<Authorization | undefined>;

  /** Throws `AuthorizationNotFoundError` where there is none. */
  update(id: string, transition: (current: Authorization) => Authorization): Promise<Authorization>;

  /** Those in one of `statuses` that nobody has touched since `updatedBeforeMs`, the oldest first. */
  listUntouched(options: {
    statuses: readonly AuthorizationStatus[];
    updatedBeforeMs: number;
    limit: number;
  }): Promise<Authorization[]>;

  /** Forgets those that nobody has touched since `updatedBeforeMs` and that hold nothing in the vault. */
  forget(updatedBeforeMs: number): Promise<number>;

  /** Undefined: usable. Otherwise what is wrong. */
  problem(): string | undefined;
  close(): Promise<void>;
};
