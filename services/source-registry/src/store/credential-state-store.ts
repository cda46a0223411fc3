import type { CredentialState } from '@credential-renewal/proto/events/v1/credential';

/**
 * The newest state that was seen of each credential, used or not: a state may arrive before the use that it is for, and
 * whoever attaches the credential then looks here. The law for every engine (`credential-state-store.contract.ts` checks
 * it): a version once remembered is never replaced by an older one.
 */
export type CredentialStateStore = {
  /** Keeps the state unless a newer one is known. */
  remember(state: CredentialState): Promise<void>;
  find(credentialId: string): Promise<CredentialState | undefined>;
  forget(credentialId: string): Promise<void>;
};
