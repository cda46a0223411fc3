import {
  type Credential,
  type CredentialStatus,
  endOfLifeMs,
  type Reason,
  type RuleContext,
} from '../credential.ts';

/** Sets status and reason; `since` moves only when one of them really changes. */
export function withStatus(
  credential: Credential,
  status: CredentialStatus,
  reason: Reason | undefined,
  nowMs: number,
): Credential {
  const same = credential.status === status && credential.reason?.code === reason?.code;
  return { ...credential, status, reason, sinceMs: same ? credential.sinceMs : nowMs };
}

/** The status of a credential that works: `expiring` once a warning of its end was given, else `healthy`. */
export function restore(credential: Credential, nowMs: number): Credential {
  const warned = endOfLifeMs(credential) !== undefined && credential.warnedDays.length > 0;
  if (!warned) return withStatus(credential, 'healthy', undefined, nowMs);
  const reason = { code: 'lifetime_ends', resolver: 'user', evidence: undefined } as const;
  return withStatus(credential, 'expiring', reason, nowMs);
}

/** Begins an episode unless one is open: one death, one episode. */
export function openEpisode(credential: Credential, { nowMs, newId }: RuleContext): Credential {
  return {
    ...credential,
    episode: credential.episode ?? { id: newId(), openedAtMs: nowMs },
    unusableSinceMs: credential.unusableSinceMs ?? nowMs,
  };
}

/** Trouble shows only when it outlives the access token: until then everything still works. */
export function delayIfUnusable(credential: Credential, reason: Reason, nowMs: number): Credential {
  if (credential.status === 'expired' || credential.status === 'insufficient_scope')
    return credential;
  // The reason is kept while the token still lives, so that time alone (time.ts) can turn the status later.
  if (accessTokenLives(credential, nowMs)) return { ...credential, pendingReason: reason };
  return withStatus(
    { ...credential, unusableSinceMs: credential.unusableSinceMs ?? nowMs },
    'delayed',
    reason,
    nowMs,
  );
}

/** It works: no episode, no trouble remembered. */
export function clearTrouble(credential: Credential): Credential {
  return {
    ...credential,
    episode: undefined,
    unusableSinceMs: undefined,
    pendingReason: undefined,
    failures: 0,
    failingSinceMs: undefined,
    clientRefusedSinceMs: undefined,
    unanswered: undefined,
    held: undefined,
    accessProbe: undefined,
    refusalToConfirm: undefined,
  };
}

/** Whether the stored access token can be handed out at this moment. */
export function accessTokenLives({ tokens, reported }: Credential, nowMs: number): boolean {
  const alive = tokens.accessExpiresAtMs === undefined || tokens.accessExpiresAtMs > nowMs;
  return alive && reported?.tokenHash !== tokens.accessTokenHash;
}
