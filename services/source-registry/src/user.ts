export type Account = { id: string; issuer: string; key: string; name: string };

export type Role = 'member' | 'admin';

/** A person: one (`issuer`, `subject`) in one account. */
export type User = {
  id: string;
  accountId: string;
  issuer: string;
  subject: string;
  name: string;
  /** As seen at the last sign-in. */
  email: string;
  role: Role;
  left: boolean;
  /** Counts the changes of this document; the store compares it. */
  revision: number;
};

export function isActiveAdmin(user: User | undefined): boolean {
  return user !== undefined && !user.left && user.role === 'admin';
}
