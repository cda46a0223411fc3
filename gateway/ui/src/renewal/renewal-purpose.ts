import type { AuthorizationOutcome } from '@credential-renewal/gateway/http-types';

/** What somebody leaves for a provider for: to mend what is dead, to give a first access, or to give more of it. */
export type RenewalPurpose = 'renew' | 'finish' | 'grant';

/** What trying again is for. */
export function purposeOf({
  renewal,
  upgradeScopes,
}: Pick<AuthorizationOutcome, 'renewal' | 'upgradeScopes'>): RenewalPurpose {
  if (!renewal) return 'finish';
  return upgradeScopes.length === 0 ? 'renew' : 'grant';
}

/** The button that leads there, and the title of the step before leaving. */
export function purposeWords(purpose: RenewalPurpose): string {
  switch (purpose) {
    case 'renew':
      return 'Renew credentials';
    case 'finish':
      return 'Finish authorization';
    case 'grant':
      return 'Grant access';
    default:
      return purpose satisfies never;
  }
}

/** What stands before the list of sources and connections that it is about. */
export function healsWords(purpose: RenewalPurpose): string {
  switch (purpose) {
    case 'renew':
      return 'This will heal';
    case 'finish':
      return 'This will connect';
    case 'grant':
      return 'Used by';
    default:
      return purpose satisfies never;
  }
}
