import { backoffMs } from '@credential-renewal/runtime';
import type { Actor, Credential, RuleContext } from '../credential.ts';
import { withStatus } from './status.ts';

const firstRetryMs = 5_000;
const longestRetryMs = 60 * 60_000;

/** Nothing uses it any more: no refresh from now on, any episode ends, the tokens wait for the provider's word. */
export function startRevocation(
  credential: Credential,
  actor: Actor,
  { nowMs }: RuleContext,
): Credential {
  if (credential.status === 'revoking') return credential;
  const revoking = withStatus(credential, 'revoking', undefined, nowMs);
  return {
    ...revoking,
    // A new authorization of the same identity must not join a credential on its way out.
    joinKey: `revoking:${credential.id}`,
    episode: undefined,
    lastActor: actor,
    nextAttemptAtMs: undefined,
    nextTickAtMs: undefined,
    revocation: { startedAtMs: nowMs, nextAtMs: nowMs, failures: 0 },
  };
}

export function postponeRevocation(
  credential: Credential,
  retryAfterMs: number | undefined,
  { nowMs, random }: RuleContext,
): Credential {
  const revocation = credential.revocation ?? { startedAtMs: nowMs, nextAtMs: nowMs, failures: 0 };
  const failures = revocation.failures + 1;
  const waitMs =
    retryAfterMs ?? backoffMs(failures, { baseMs: firstRetryMs, maxMs: longestRetryMs, random });
  return { ...credential, revocation: { ...revocation, failures, nextAtMs: nowMs + waitMs } };
}
