import {
  Actor_Kind,
  type CredentialState,
  CredentialStatus,
} from '@credential-renewal/proto/events/v1/credential';
import type { AuditAction } from './audit-entry.ts';
import type { Use, UseChange } from './use.ts';

export type Circumstances = { actorName: string; nowMs: number };

/**
 * A newer state of the credential that `use` has. Undefined: nothing to write, because the state is old, of another
 * credential, or the use is on its way out (its tombstone is published, and nothing may follow that).
 *
 * The event can overtake the broker's own call, which alone knows that the account was switched; then only the history
 * is completed.
 */
export function withCredentialState<U extends Use>(
  use: U,
  state: CredentialState,
  { actorName, nowMs, accountSwitched }: Circumstances & { accountSwitched: boolean },
): UseChange<U> | undefined {
  const before = use.credential;
  if (use.deleting || before?.credentialId !== state.credentialId) return undefined;
  const newer = state.version > before.version;
  const switchIsNews = accountSwitched && state.version > (use.accountSwitchedAtVersion ?? 0n);
  if (!newer && !switchIsNews) return undefined;

  const next: U = {
    ...use,
    ...(newer ? { credential: state } : {}),
    ...(switchIsNews ? { accountSwitchedAtVersion: state.version } : {}),
  };
  const told = switchIsNews
    ? switchedAccount(state, actorName)
    : tellChange(before, state, actorName);
  return { next, announce: newer, ...(told ? { audit: { timeMs: nowMs, ...told } } : {}) };
}

/**
 * The first authorization succeeded, or a renewal joined another credential of the same provider identity (semantics
 * 20). A use that is being deleted takes it too, silently: the disconnect must know what to revoke.
 */
export function withAttachedCredential<U extends Use>(
  use: U,
  state: CredentialState,
  circumstances: Circumstances,
): UseChange<U> | undefined {
  if (use.credential?.credentialId === state.credentialId) {
    return withCredentialState(use, state, { ...circumstances, accountSwitched: false });
  }
  const next: U = { ...use, credential: state, pendingSinceMs: undefined };
  if (use.deleting) return { next, announce: false };
  const { actorName, nowMs } = circumstances;
  // Only a renewal that chose another account of the provider can end in another credential.
  const told = use.credential ? switchedAccount(state, actorName) : authorized(state, actorName);
  return { next, announce: true, audit: { timeMs: nowMs, ...told } };
}

/** The vault has forgotten the credential; the use waits for a first authorization again, and does not vanish meanwhile. */
export function withoutCredential<U extends Use>(
  use: U,
  credentialId: string,
  nowMs: number,
): UseChange<U> | undefined {
  if (use.deleting || use.credential?.credentialId !== credentialId) return undefined;
  return {
    next: { ...use, credential: undefined },
    announce: true,
    audit: {
      timeMs: nowMs,
      actorName: 'Credential vault',
      action: 'credential.gone',
      text: 'The credentials were disconnected; the access has to be authorized again.',
    },
  };
}

type Told = { actorName: string; action: AuditAction; text: string };

function authorized(state: CredentialState, actorName: string): Told {
  return {
    actorName,
    action: 'credential.authorized',
    text: `${actorName} authorized the access to ${state.providerName}.`,
  };
}

function switchedAccount(state: CredentialState, actorName: string): Told {
  return {
    actorName,
    action: 'credential.account-switched',
    text: `${actorName} switched to another account at ${state.providerName}.`,
  };
}

function tellChange(
  before: CredentialState,
  after: CredentialState,
  actorName: string,
): Told | undefined {
  const byUser = after.actor?.kind === Actor_Kind.USER;
  const statusChanged = before.status !== after.status;
  const renewed =
    byUser && (after.lastRenewedAt?.getTime() ?? 0) > (before.lastRenewedAt?.getTime() ?? 0);

  if (after.status === CredentialStatus.INSUFFICIENT_SCOPE && (statusChanged || renewed)) {
    return {
      actorName,
      action: 'credential.insufficient-scope',
      text: `${after.providerName} granted fewer permissions than are needed; missing: ${after.missingScopes.join(', ')}.`,
    };
  }
  if (after.status === CredentialStatus.EXPIRED && statusChanged) {
    return {
      actorName,
      action: 'credential.expired',
      text: after.reason?.text || `The credentials for ${after.providerName} have expired.`,
    };
  }
  if (renewed) {
    return {
      actorName,
      action: 'credential.renewed',
      text: `${actorName} renewed the credentials.`,
    };
  }
  if (isRed(before.status) && works(after.status)) {
    return {
      actorName,
      action: 'credential.recovered',
      text: `The credentials for ${after.providerName} work again; nobody had to do anything.`,
    };
  }
  return undefined;
}

function isRed(status: CredentialStatus): boolean {
  return status === CredentialStatus.EXPIRED || status === CredentialStatus.INSUFFICIENT_SCOPE;
}

function works(status: CredentialStatus): boolean {
  return status === CredentialStatus.HEALTHY || status === CredentialStatus.EXPIRING;
}
