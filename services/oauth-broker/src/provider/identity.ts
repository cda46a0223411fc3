import type { ProviderIdentity } from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import { textAt } from './json-pointer.ts';
import { maskLabel } from './mask-label.ts';
import { errorInside200 } from './normalise-answer.ts';
import type { ProviderClient } from './provider-client.ts';
import { parseRetryAfter, type Refusal, refusalOf } from './verdict.ts';

/** `refused`: the provider does not take this token. `unavailable`: no word about the token; try again. */
export type IdentityAnswer =
  | { kind: 'known'; identity: ProviderIdentity }
  | { kind: 'refused' | 'unavailable'; refusal: Refusal };

/**
 * Asks the provider, with the access token, whose it is. The key is the provider's stable identifier at the catalogue's
 * pointer; an e-mail address can change hands and serves as a masked label only (semantics 17).
 */
export async function askIdentity(
  client: ProviderClient,
  accessToken: string,
  nowMs: number,
): Promise<IdentityAnswer> {
  let response: Response;
  try {
    response = await client.fetch(await identityUrl(client), {
      method: 'GET',
      headers: { accept: 'application/json', authorization: `Bearer ${accessToken}` },
    });
  } catch (error) {
    return { kind: 'unavailable', refusal: refusalOf(error, nowMs) };
  }
  return readIdentity(client, response, nowMs);
}

async function identityUrl(client: ProviderClient): Promise<string> {
  const { call } = client.provider.identity;
  if (call !== 'userinfo') return call;
  const { userinfo_endpoint } = (await client.configuration()).serverMetadata();
  if (!userinfo_endpoint) throw new Error('the provider announces no userinfo endpoint');
  return userinfo_endpoint;
}

async function readIdentity(
  { provider }: ProviderClient,
  response: Response,
  nowMs: number,
): Promise<IdentityAnswer> {
  const answer = parse(await response.text());
  const { status } = response;
  const retryAfterMs = parseRetryAfter(response.headers.get('retry-after'), nowMs);
  if (status === 401 || status === 403) {
    return {
      kind: 'refused',
      refusal: { error: bearerError(response, answer), httpStatus: status },
    };
  }
  if (status !== 200 || answer === undefined) {
    const error = status === 200 ? 'unreadable_answer' : `http_${status}`;
    return { kind: 'unavailable', refusal: { error, httpStatus: status, retryAfterMs } };
  }
  const inside = errorInside200(provider, answer);
  if (inside !== undefined) {
    const known = provider.deadErrors.some(({ error }) => error === inside);
    return {
      kind: known ? 'refused' : 'unavailable',
      refusal: { error: inside, httpStatus: status, retryAfterMs },
    };
  }
  const key = textAt(answer, provider.identity.key);
  if (key === undefined) {
    return {
      kind: 'unavailable',
      refusal: {
        error: 'identity_missing',
        description: `The identity call has no value at ${provider.identity.key}.`,
        httpStatus: status,
      },
    };
  }
  const label = textAt(answer, provider.identity.label) ?? '';
  return {
    kind: 'known',
    identity: { kind: provider.identity.kind, key, maskedLabel: maskLabel(label) },
  };
}

/** RFC 6750 section 3.1: the error is in the challenge; some providers have it in the body. */
function bearerError(response: Response, answer: unknown): string {
  const challenge = /error="([^"]+)"/.exec(response.headers.get('www-authenticate') ?? '');
  return challenge?.[1] ?? textAt(answer, '/error') ?? 'invalid_token';
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
