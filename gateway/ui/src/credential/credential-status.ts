import type { Credential, CredentialStatus } from '@credential-renewal/gateway/http-types';

/** How a status looks. `act` is red and means: act here. */
export type Tone = 'act' | 'ok' | 'warning' | 'neutral';

/** What the person looking at a credential can do about it. */
export type RenewalOffer = 'renew-now' | 'renew-early' | 'grant' | 'finish' | 'none';

/** A status, and whether more access is asked for beside it. */
export type Standing = Pick<Credential, 'status' | 'scopeUpgrade'>;

/** Whether the credential works only after somebody renewed it. */
export function needsRenewal(status: CredentialStatus): boolean {
  return status === 'expired' || status === 'insufficient_scope';
}

/** A renewal asks for everything that is needed by then, so one button is enough where there are two reasons. */
export function renewalOffer({ status, scopeUpgrade }: Standing, canRenew: boolean): RenewalOffer {
  if (!canRenew) return 'none';
  switch (status) {
    case 'expired':
    case 'insufficient_scope':
      return 'renew-now';
    case 'expiring':
      return 'renew-early';
    case 'pending':
      return 'finish';
    case 'healthy':
      return scopeUpgrade === null ? 'none' : 'grant';
    case 'delayed':
      return 'none';
    default:
      return status satisfies never;
  }
}

/** Red only for somebody who can act on it; others see the same words in a neutral tone. */
export function statusTone(status: CredentialStatus, canRenew: boolean): Tone {
  switch (status) {
    case 'expired':
    case 'insufficient_scope':
      return canRenew ? 'act' : 'neutral';
    case 'expiring':
      return 'warning';
    case 'healthy':
      return 'ok';
    case 'pending':
    case 'delayed':
      return 'neutral';
    default:
      return status satisfies never;
  }
}

export function statusWords(status: CredentialStatus): string {
  switch (status) {
    case 'pending':
      return 'Not finished';
    case 'healthy':
      return 'Healthy';
    case 'expiring':
      return 'Expires soon';
    case 'delayed':
      return 'Delayed';
    case 'expired':
      return 'Needs renewal';
    case 'insufficient_scope':
      return 'Missing permissions';
    default:
      return status satisfies never;
  }
}

/** One plain sentence, for when the server gives no reason of its own. */
function statusSentence(status: CredentialStatus): string {
  switch (status) {
    case 'pending':
      return 'Access was never given: the authorization was not finished.';
    case 'healthy':
      return 'Access works. There is nothing to do.';
    case 'expiring':
      return 'Access still works, but ends soon and cannot be extended without you.';
    case 'delayed':
      return 'There is trouble that nobody in your account can mend. It is tried again by itself.';
    case 'expired':
      return 'Access no longer works. The source does not sync until the credentials are renewed.';
    case 'insufficient_scope':
      return 'Access was given with fewer permissions than the source needs.';
    default:
      return status satisfies never;
  }
}

/** How it stands, and what is asked for beside it: a sentence each. `reason`: the server's own words. */
export function standingSentences({ status, scopeUpgrade }: Standing, reason?: string): string[] {
  if (scopeUpgrade === null) return [reason ?? statusSentence(status)];
  const asked =
    'This product has come to need more permissions than were given. Syncing goes on with those until the others are given too.';
  return [reason ?? (status === 'healthy' ? 'Access works.' : statusSentence(status)), asked];
}
