import type { PageRequest } from '../page.ts';
import type { Account, User } from '../user.ts';

/**
 * Accounts and the people in them. The law for every engine (`user-store.contract.ts` checks it):
 *
 * - an account is unique by (`issuer`, `key`), a user by (`accountId`, `issuer`, `subject`), whoever comes at the same time.
 * - a user is written only where the stored revision is one less than the written one (0: not there yet).
 */
export type UserStore = {
  /** Stores the account, or only its name when there is one of this issuer and key; answers with the stored one. */
  ensureAccount(account: Account): Promise<Account>;
  findAccount(id: string): Promise<Account | undefined>;

  /** False: another writer was first. */
  put(user: User): Promise<boolean>;
  find(id: string): Promise<User | undefined>;
  findBySubject(accountId: string, issuer: string, subject: string): Promise<User | undefined>;
  findMany(ids: readonly string[]): Promise<User[]>;
  /** Those who have left included; newest first. */
  list(accountId: string, page: PageRequest): Promise<User[]>;
  /** Who administers the account and has not left; by id. */
  listActiveAdmins(accountId: string): Promise<User[]>;
};
