import { ReportRejectedTokenResponse_Effect as Effect } from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import { checkInput } from '@credential-renewal/rpc';
import { toCredentialState } from '../credential-state.ts';
import { type ReportEffect, reportRejected } from '../rules/report.ts';
import { ruleContext, type VaultContext } from '../vault-context.ts';
import { changeByVerdict } from '../verdict-gate.ts';
import type { VaultHandlers } from './vault-handlers.ts';

const effects = {
  ignored: Effect.IGNORED,
  attempt_due: Effect.ATTEMPT_DUE,
  expired: Effect.EXPIRED,
} as const;

export function reportRejectedToken(vault: VaultContext): VaultHandlers['reportRejectedToken'] {
  return async ({ credentialId, tokenHash, worker }) => {
    checkInput((check) => {
      check.id('credential_id', credentialId);
      check.text('worker', worker, { maxLength: 100 });
      check.that('token_hash', tokenHash.length === 43, 'must be a SHA-256 in base64url');
    });
    let effect: ReportEffect = 'ignored';
    const { maxRetryDelayMs } = vault.attemptRules;
    const credential = await changeByVerdict(vault, credentialId, (current, handling) => {
      const verdict = { handling, maxRetryDelayMs };
      const outcome = reportRejected(current, { tokenHash, worker }, verdict, ruleContext(vault));
      effect = outcome.effect;
      return effect === 'ignored' ? undefined : outcome.credential;
    });
    return { effect: effects[effect], state: toCredentialState(credential) };
  };
}
