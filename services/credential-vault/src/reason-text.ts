import type { Credential } from './credential.ts';

/**
 * Why a credential is not healthy, as one sentence for a person: the page and the mail show this very text. Empty when there
 * is no reason. Days are UTC.
 */
export function reasonText({ reason, policy, sinceMs, missingScopes }: Credential): string {
  if (!reason) return '';
  const provider = policy.providerName;
  const day = formatDay(sinceMs);
  switch (reason.code) {
    case 'access_withdrawn':
      return `${provider} says that the access was withdrawn (seen on ${day}).`;
    case 'refresh_token_aged':
      return `${provider} says that the permission it gave has aged out (seen on ${day}).`;
    case 'lifetime_ended':
      return `The access that ${provider} gave came to its end on ${day}.`;
    case 'access_refused':
      return `${provider} still renews the access but refuses to let us in since ${day}: a licence may be gone, or the app may be blocked.`;
    case 'lost_rotation':
      return `On ${day} we lost an answer of ${provider} that carried the new permission. This was our fault, not yours.`;
    case 'admin_blocked':
      return `${provider} refuses our app for your organisation since ${day}: an administrator there has removed or blocked it.`;
    case 'missing_scopes':
      return `${provider} was not allowed everything that is needed. Missing: ${missingScopes.join(', ')}.`;
    case 'client_misconfigured':
      return `${provider} does not accept our own registration at the moment. We are on it; there is nothing for you to do.`;
    case 'provider_unavailable':
      return `${provider} has trouble answering at the moment. There is nothing for you to do.`;
    case 'lifetime_ends':
      return `The access that ${provider} gave will end, and only a renewal can prevent it.`;
    default:
      return reason.code satisfies never;
  }
}

// Once: making one costs more than all else that a change of a credential does.
const dayFormat = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'long',
  timeZone: 'UTC',
});

function formatDay(timeMs: number): string {
  return dayFormat.format(timeMs);
}
