import { CredentialStatus } from '@credential-renewal/proto/events/v1/credential';
import type { ProviderEntry } from './catalogue-schema.ts';
import { normaliseScopes } from './scopes.ts';

/** A grant as the vault has it. */
export type ScopeGrant = {
  status: CredentialStatus;
  /** What the catalogue required at the last grant. */
  requiredScopes: readonly string[];
  grantedScopes: readonly string[];
};

/**
 * The scopes that the catalogue has come to require since a living credential was granted, and that the grant lacks; none: there
 * is nothing to ask for (semantics 19). What was required then counts as held, whatever later answers name: some providers list
 * fewer at a refresh, and nobody is to be asked twice for what they gave. By that, too, a scope that the provider never
 * returns is known to have been asked for, or not. Both are read in the words of today's catalogue, so a scope that a
 * release renames is none that it adds. A credential that waits for its renewal is asked for everything there.
 */
export function scopeUpgrade(
  provider: Pick<ProviderEntry, 'scopes'>,
  requiredNow: readonly string[],
  { status, requiredScopes, grantedScopes }: ScopeGrant,
): string[] {
  if (!works(status)) return [];
  const named = normaliseScopes(provider, [...requiredScopes, ...grantedScopes].join(' '));
  const held = new Set([...named, ...(provider.scopes?.always ?? [])]);
  return requiredNow.filter((scope) => !held.has(scope));
}

/** Where it does not, more access would mend nothing, and somebody else has to act first. */
function works(status: CredentialStatus): boolean {
  switch (status) {
    case CredentialStatus.HEALTHY:
    case CredentialStatus.EXPIRING:
      return true;
    case CredentialStatus.UNSPECIFIED:
    case CredentialStatus.DELAYED:
    case CredentialStatus.EXPIRED:
    case CredentialStatus.INSUFFICIENT_SCOPE:
    case CredentialStatus.REVOKING:
      return false;
    default:
      return status satisfies never;
  }
}
