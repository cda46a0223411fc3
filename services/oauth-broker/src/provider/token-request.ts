import type * as oauth from 'openid-client';
import type { ProviderEntry } from '../catalogue/catalogue-schema.ts';
import type { TokenRequestKind } from './normalise-answer.ts';

type Init = {
  method: string;
  headers: Record<string, string>;
  body?: unknown;
  signal?: AbortSignal;
};

/** What a request asks for, read from its form. */
export function kindOfRequest(body: oauth.FetchBody): TokenRequestKind {
  const grantType = body instanceof URLSearchParams ? body.get('grant_type') : undefined;
  if (grantType === 'authorization_code') return 'exchange';
  return grantType === 'refresh_token' ? 'refresh' : 'other';
}

/** A token request as this provider wants it: with its own parameters, and as JSON where it takes no form. */
export function shapeTokenRequest(
  { tokenRequest }: Pick<ProviderEntry, 'tokenRequest'>,
  init: Init,
): Init {
  if (!tokenRequest || !(init.body instanceof URLSearchParams)) return init;
  const form = new URLSearchParams(init.body);
  for (const [name, value] of Object.entries(tokenRequest.parameters ?? {})) form.set(name, value);
  if (tokenRequest.format !== 'json') return { ...init, body: form };
  return {
    ...init,
    headers: { ...init.headers, 'content-type': 'application/json' },
    body: JSON.stringify(Object.fromEntries(form)),
  };
}
