import { backoffMs } from '@credential-renewal/runtime';
import type { Actor, Credential, RuleContext } from '../credential.ts';
import { CredentialInUseError } from '../errors.ts';
import { withStatus } from './status.ts';

const firstRetryMs = 5_000;
const longestRetryMs = 60 * 60_000;
/** Longer than a callback may take, and the sweep that finishes one which a crash has interrupted. */
const joinSettlesMs = 60_000;

/** `seenVersion`: of the state in which the last use was seen to go; 0: not known. */
export type Disconnect = { actor: Actor; seenVersion: number };

/** Nothing uses it any more: no refresh from now on, any episode ends, the tokens wait for the provider's word. */
export function startRevocation(
  credential: Credential,
  { actor, seenVersion }: Disconnect,
  { nowMs }: RuleContext,
): Credential {
  if (credential.status === 'revoking') return credential;
  // A first authorization may have joined it a moment ago and be about to use it; the caller looks again. Its version alone
  // does not tell: the event with it can reach the caller before the use does.
  const changed =
    seenVersion !== 0 && (credential.sequences['credential.state'] ?? 0) > seenVersion;
  const joining =
    credential.joinedAtMs !== undefined && nowMs - credential.joinedAtMs < joinSettlesMs;
  if (changed || joining) throw new CredentialInUseError(credential.id);
  const revoking = withStatus(credential, 'revoking', undefined, nowMs);
  return {
    ...revoking,
    // A new authorization of the same identity must not join a credential on its way out.
    joinKey: `revoking:${credential.id}`,
    episode: undefined,
    held: undefined,
    lastActor: actor,
    nextAttemptAtMs: undefined,
    nextTickAtMs: undefined,
    revocation: { startedAtMs: nowMs, nextAtMs: nowMs, failures: 0 },
  };
}

/** Whoever lists it has this long to revoke it before another broker is given it. */
const claimMs = 60_000;

/** Hands it to one broker; undefined: it is not due, or another broker has just been given it. */
export function claimRevocation(credential: Credential, nowMs: number): Credential | undefined {
  const { revocation } = credential;
  if (!revocation || revocation.nextAtMs > nowMs) return undefined;
  return { ...credential, revocation: { ...revocation, nextAtMs: nowMs + claimMs } };
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
