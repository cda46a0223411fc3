import type { SignInHints } from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import type { Provider } from '../catalogue/catalogue.ts';
import { textAt } from '../provider/json-pointer.ts';
import type { Authorization } from './authorization.ts';
import { ownKey } from './identity-key.ts';
import { identityRuleOf } from './identity-rule.ts';

type HintRules = Pick<Provider, 'authorization' | 'identity' | 'connectors'>;

/** Longer than any that is known, and short enough for a URL. */
const longestHint = 1_000;

/** What the claims of an ID token hold for the next sign-in; undefined: nothing that the catalogue wants kept. */
export function hintsIn(
  { authorization }: Pick<Provider, 'authorization'>,
  claims: object,
): SignInHints | undefined {
  const parameters: Record<string, string> = {};
  for (const { parameter, claim } of authorization?.renewal?.hints ?? []) {
    const text = claim === undefined ? undefined : textAt(claims, claim);
    if (text !== undefined && text.length <= longestHint) parameters[parameter] = text;
  }
  return Object.keys(parameters).length > 0 ? { parameters } : undefined;
}

/** Whether a hint of this authorization may be among those that the vault keeps. Who switches accounts is not to be led back. */
export function asksForKeptHint(provider: HintRules, authorization: Authorization): boolean {
  const { credentialId, switchIdentity } = authorization;
  if (credentialId === undefined || switchIdentity) return false;
  return (provider.authorization?.renewal?.hints ?? []).some(({ claim }) => claim !== undefined);
}

/**
 * The first of the catalogue's hints that is known, as a parameter of the authorization request. Never two: a provider may
 * refuse them together, and the better one comes first.
 */
export function signInHint(
  provider: HintRules,
  authorization: Authorization,
  kept: SignInHints | undefined,
): Record<string, string> {
  for (const { parameter, identity } of provider.authorization?.renewal?.hints ?? []) {
    const value =
      identity === undefined
        ? ownOf(kept?.parameters ?? {}, parameter)
        : identityPart(provider, authorization, identity);
    if (value !== undefined) return { [parameter]: value };
  }
  return {};
}

/** What stood at `pointer` when the key was made. */
function identityPart(
  provider: HintRules,
  authorization: Authorization,
  pointer: string,
): string | undefined {
  const { expectedIdentityKey } = authorization;
  const expected = expectedIdentityKey && ownKey(authorization, expectedIdentityKey);
  const pointers = [identityRuleOf(provider, authorization).key].flat();
  const index = pointers.indexOf(pointer);
  if (index < 0 || !expected) return undefined;
  // The only part may hold whatever it likes; of several none can hold what stands between them.
  const parts = pointers.length === 1 ? [expected] : expected.split(':');
  return parts.length === pointers.length ? parts[index] : undefined;
}

function ownOf(record: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
