import { buildEvent, type CloudEvent, type Topic } from '@credential-renewal/events';
import {
  CredentialRenewed_Cause as Cause,
  CredentialExpired,
  CredentialExpiring,
  CredentialRenewed,
  CredentialState,
} from '@credential-renewal/proto/events/v1/credential';
import { type Credential, endOfLifeMs } from './credential.ts';
import { toActorMessage, toCredentialState, toReasonMessage } from './credential-state.ts';

/**
 * The events that a change gives rise to, and the credential with their sequence numbers counted. A pure comparison of before
 * and after, so that no rule has to remember to publish: a state when anything visible changed or a reported token was
 * replaced, `credential.expired` when an episode began, `credential.renewed` when one ended or a person renewed, `credential.expiring` when a warning fell due.
 */
export function recordChange(
  before: Credential | undefined,
  after: Credential,
  nowMs: number,
): { credential: Credential; events: CloudEvent[] } {
  let credential = after;
  const events: CloudEvent[] = [];
  const publish = (topic: Topic, schema: string, message: (counted: Credential) => unknown) => {
    const sequence = (credential.sequences[topic] ?? 0) + 1;
    credential = { ...credential, sequences: { ...credential.sequences, [topic]: sequence } };
    events.push(
      buildEvent({
        source: '/credential-vault',
        topic,
        subject: credential.id,
        key: credential.id,
        sequence,
        schema,
        data: message(credential) as Record<string, unknown>,
        nowMs,
      }),
    );
  };

  if (!before || visiblyDiffers(before, after) || replacesReported(before, after)) {
    publish('credential.state', 'CredentialState', (c) =>
      CredentialState.toJSON(toCredentialState(c)),
    );
  }
  const opened =
    after.episode && after.episode.id !== before?.episode?.id ? after.episode : undefined;
  if (opened) {
    publish('credential.expired', 'CredentialExpired', (c) =>
      CredentialExpired.toJSON({
        ...common(c),
        episodeId: opened.id,
        expiredAt: new Date(opened.openedAtMs),
        reason: c.reason && toReasonMessage(c, c.reason),
      }),
    );
  }
  const cause = before && renewalCause(before, after);
  if (before && cause) {
    publish('credential.renewed', 'CredentialRenewed', (c) =>
      CredentialRenewed.toJSON({
        ...common(c),
        episodeId: before.episode?.id,
        cause,
        unusableSince:
          before.unusableSinceMs === undefined ? undefined : new Date(before.unusableSinceMs),
        renewedAt: new Date(nowMs),
        actor: toActorMessage(c.lastActor),
      }),
    );
  }
  const warning = nearestNewWarning(before, after);
  const endMs = endOfLifeMs(after);
  if (warning !== undefined && endMs !== undefined) {
    publish('credential.expiring', 'CredentialExpiring', (c) =>
      CredentialExpiring.toJSON({ ...common(c), expiresAt: new Date(endMs), daysLeft: warning }),
    );
  }
  return { credential, events };
}

/** The credential is gone: ends its key in the compacted topic. */
export function tombstone(credential: Credential, nowMs: number): CloudEvent {
  return buildEvent({
    source: '/credential-vault',
    topic: 'credential.state',
    subject: credential.id,
    key: credential.id,
    sequence: (credential.sequences['credential.state'] ?? 0) + 1,
    schema: 'CredentialState',
    data: null,
    nowMs,
  });
}

function common(credential: Credential) {
  return {
    credentialId: credential.id,
    accountId: credential.accountId,
    version: BigInt(credential.sequences['credential.state'] ?? 0),
    providerId: credential.policy.providerId,
  };
}

function visiblyDiffers(before: Credential, after: Credential): boolean {
  const visible = (c: Credential) => {
    const state = toCredentialState(c);
    // Who and which version are told with a change, but are none; a repeated refusal is no news either.
    const reason = state.reason && { ...state.reason, evidence: undefined };
    return JSON.stringify({ ...state, version: 0, actor: undefined, reason });
  };
  return visible(before) !== visible(after);
}

/** Nothing to see, but whoever keeps the token that was reported has to drop it: every replica of the broker listens. */
function replacesReported(before: Credential, after: Credential): boolean {
  return (
    after.refreshedAfterReportAtMs !== before.refreshedAfterReportAtMs &&
    after.tokens.accessTokenHash !== before.tokens.accessTokenHash &&
    after.refreshedAfterReportAtMs !== undefined
  );
}

function renewalCause(before: Credential, after: Credential): Cause | undefined {
  if (after.status === 'revoking') return before.episode ? Cause.DISCONNECTED : undefined;
  if (after.lastTransactionId !== before.lastTransactionId && after.missingScopes.length === 0)
    return Cause.RENEWED;
  return before.episode && !after.episode ? Cause.RECOVERED : undefined;
}

/** A warning that was missed while we were down is not given beside a nearer one. */
function nearestNewWarning(before: Credential | undefined, after: Credential): number | undefined {
  const fresh = after.warnedDays.filter((days) => !before?.warnedDays.includes(days));
  return fresh.length === 0 ? undefined : Math.min(...fresh);
}
