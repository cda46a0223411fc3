import { setTimeout as wait } from 'node:timers/promises';
import { ReportRejectedTokenResponse_Effect as Effect } from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import type { CredentialState } from '@credential-renewal/proto/events/v1/credential';
import { checkInput } from '@credential-renewal/rpc';
import type { BrokerContext } from '../broker-context.ts';
import { CredentialNotFoundError } from '../errors.ts';
import type { BrokerHandlers } from './broker-handlers.ts';
import { checkTarget } from './get-access-token.ts';
import { workerLimits } from './input-limits.ts';

/** The reporter learns the verdict if it comes this fast; the attempt goes on without it. */
const longestWaitMs = 5_000;

/**
 * A worker was refused with a token. The vault decides whether that is news; if so, what the provider says to a refresh (or to
 * the identity call) is found out now, and the reason is known before the worker goes on.
 */
export function reportRejectedToken(broker: BrokerContext): BrokerHandlers['reportRejectedToken'] {
  return async ({ accountId, target, tokenHash, worker }, { signal, caller }) => {
    checkInput((check) => {
      check.id('account_id', accountId);
      checkTarget(check, target);
      check.that('token_hash', /^[\w-]{43}$/.test(tokenHash), 'must be a SHA-256 in base64url');
      check.text('worker', worker, workerLimits);
    });
    if (!target) throw new TypeError('the target was not checked');
    const credentialId = await broker.targets.resolve(accountId, target);
    const known = await broker.vault.getCredential({ credentialId });
    if (known.state?.accountId !== accountId) throw new CredentialNotFoundError();
    broker.tokens.dropToken(credentialId, tokenHash);
    const report = await broker.vault.reportRejectedToken({
      ...{ credentialId, tokenHash, worker: caller?.name ?? worker },
    });
    const state =
      report.effect === Effect.ATTEMPT_DUE
        ? await stateAfterAttempt(broker, credentialId, report.state, signal)
        : report.state;
    if (state) broker.tokens.drop(credentialId, state.version);
    return { accepted: report.effect !== Effect.IGNORED, state };
  };
}

async function stateAfterAttempt(
  broker: BrokerContext,
  credentialId: string,
  reported: CredentialState | undefined,
  signal: AbortSignal,
): Promise<CredentialState | undefined> {
  const attempt = broker.refresher
    .attempt({
      credentialId,
      providerId: reported?.providerId ?? '',
      purpose: 'on_demand',
      minimumLifeMs: 0,
    })
    .catch((err: unknown) => {
      broker.logger.warn({ err, credential_id: credentialId }, 'an attempt after a report failed');
      return undefined;
    });
  const timer = new AbortController();
  const end = AbortSignal.any([signal, timer.signal]);
  const result = await Promise.race([
    attempt,
    wait(longestWaitMs, undefined, { signal: end }).catch(() => undefined),
  ]);
  timer.abort();
  return result && 'state' in result ? (result.state ?? reported) : reported;
}
