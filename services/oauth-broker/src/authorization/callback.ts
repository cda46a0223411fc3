import { InputInvalidError } from '@credential-renewal/runtime';
import { cleanErrorCode } from '../provider/redact.ts';
import type { ProviderBinding } from './authorization.ts';

/** The answer of an authorization endpoint (RFC 6749 section 4.1.2). */
export type Callback = {
  state: string;
  issuer: string | undefined;
  result: { kind: 'code' } | { kind: 'error'; error: string };
};

/** Reads the query of a callback. No parameter may come twice (RFC 6749 section 3.1): which one counts would be a guess. */
export function parseCallback(query: string): Callback {
  const parameters = new URLSearchParams(query);
  const single = (name: string): string | undefined => {
    const values = parameters.getAll(name);
    if (values.length > 1) throw refused(`${name} comes more than once`);
    return values[0] || undefined;
  };
  const state = single('state');
  const code = single('code');
  const error = single('error');
  const issuer = single('iss');
  if (!state) throw refused('has no state');
  if (error) return { state, issuer, result: { kind: 'error', error: cleanErrorCode(error) } };
  if (!code) throw refused('has neither code nor error');
  return { state, issuer, result: { kind: 'code' } };
}

function refused(description: string): InputInvalidError {
  return new InputInvalidError([{ field: 'callback_query', description }]);
}

/**
 * Why a callback cannot be from the provider the browser was sent to; undefined: it can. Asked before the answer is
 * believed, an error included (RFC 9207 section 2.4).
 */
export function findMixUp(
  callback: Callback,
  binding: ProviderBinding,
  redirect: { providerId: string; redirectProviderId: string | undefined },
): string | undefined {
  if (callback.issuer !== undefined && callback.issuer !== binding.issuer) {
    return 'names another issuer';
  }
  if (callback.issuer === undefined && binding.expectsIssuer) return 'does not name its issuer';
  const expected = binding.ownRedirectUri ? redirect.providerId : undefined;
  return redirect.redirectProviderId === expected ? undefined : 'came to another redirect URI';
}
