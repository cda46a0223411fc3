import {
  type CredentialState,
  CredentialStatus,
} from '@credential-renewal/proto/events/v1/credential';
import type { InputCheck } from '@credential-renewal/rpc';

/** Checks the state of a request; only what the registry itself relies on. */
export function checkCredentialState(check: InputCheck, state: CredentialState | undefined): void {
  check.present('state', state);
  if (!state) return;
  check.id('state.credential_id', state.credentialId);
  check.id('state.account_id', state.accountId);
  check.enumValue('state.status', state.status, CredentialStatus);
  check.that('state.version', state.version > 0n, 'must be at least 1');
  check.present('state.since', state.since);
}
