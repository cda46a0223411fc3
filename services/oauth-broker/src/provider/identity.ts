import type { ProviderIdentity } from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import type { IdentityEntry } from '../catalogue/catalogue-schema.ts';
import { textAt } from './json-pointer.ts';
import { maskLabel } from './mask-label.ts';
import { errorCodeOf, errorInside200 } from './normalise-answer.ts';
import type { ProviderClient } from './provider-client.ts';
import { parseRetryAfter, type Refusal, refusalOf } from './refusal.ts';
import { speaksOfGrant } from './verdict.ts';

/** Longer than any identifier or address. */
const longestText = 320;

/** `refused`: the provider does not take this token. `unavailable`: no word about the token; try again. */
export type IdentityAnswer =
  | { kind: 'known'; identity: ProviderIdentity }
  /** The token works; whose it is the ID token has said. */
  | { kind: 'accepted' }
  | { kind: 'refused' | 'unavailable'; refusal: Refusal };

/**
 * Asks the provider, with the access token, whose it is. The key is the provider's stable identifier at the catalogue's
 * pointer; an e-mail address can change hands and serves as a masked label only (semantics 17).
 */
export async function askIdentity(
  client: ProviderClient,
  accessToken: string,
  nowMs: number,
  rule: IdentityEntry = client.provider.identity,
): Promise<IdentityAnswer> {
  let response: Response;
  try {
    const method = rule.method ?? 'GET';
    response = await client.fetch(await identityUrl(client, rule), {
      method,
      headers: {
        accept: 'application/json',
        authorization: `Bearer ${accessToken}`,
        ...(method === 'POST' ? { 'content-length': '0' } : {}),
      },
    });
  } catch (error) {
    return { kind: 'unavailable', refusal: refusalOf(error, nowMs) };
  }
  return readIdentity(client, rule, response, nowMs);
}

/** Whether there is anything to call; a provider of ID tokens alone may have none. */
export async function hasIdentityCall(
  client: ProviderClient,
  rule: IdentityEntry,
): Promise<boolean> {
  if (rule.call === undefined) return false;
  if (rule.call !== 'userinfo') return true;
  return (await client.configuration()).serverMetadata().userinfo_endpoint !== undefined;
}

/** Whose it is by an object of the provider's: an answer, or the claims of an ID token. */
export function identityIn(
  rule: IdentityEntry,
  object: unknown,
): ProviderIdentity | { missing: string } {
  const parts: string[] = [];
  for (const pointer of typeof rule.key === 'string' ? [rule.key] : rule.key) {
    const part = textAt(object, pointer);
    if (part === undefined || part.length > longestText) return { missing: pointer };
    parts.push(part);
  }
  const label = (textAt(object, rule.label) ?? '').slice(0, longestText);
  return { kind: rule.kind, key: parts.join(':'), maskedLabel: maskLabel(label) };
}

async function identityUrl(client: ProviderClient, { call }: IdentityEntry): Promise<string> {
  if (call !== undefined && call !== 'userinfo') return call;
  const { userinfo_endpoint } = (await client.configuration()).serverMetadata();
  if (!userinfo_endpoint) throw new Error('the provider announces no userinfo endpoint');
  return userinfo_endpoint;
}

async function readIdentity(
  { provider }: ProviderClient,
  rule: IdentityEntry,
  response: Response,
  nowMs: number,
): Promise<IdentityAnswer> {
  const answer = parse(await response.text());
  const { status } = response;
  const retryAfterMs = parseRetryAfter(response.headers.get('retry-after'), nowMs);
  if (status === 401 || status === 403) {
    const error = bearerError(response, errorCodeOf(provider, answer));
    return { kind: 'refused', refusal: { error, httpStatus: status, body: answer } };
  }
  if (status !== 200 || answer === undefined) {
    const error = status === 200 ? 'unreadable_answer' : `http_${status}`;
    return { kind: 'unavailable', refusal: { error, httpStatus: status, retryAfterMs } };
  }
  const inside = errorInside200(provider, answer);
  if (inside !== undefined) {
    const refusal = { error: inside, httpStatus: status, retryAfterMs, body: answer };
    return { kind: speaksOfGrant(provider, refusal) ? 'refused' : 'unavailable', refusal };
  }
  if (rule.from === 'id_token') return { kind: 'accepted' };
  const identity = identityIn(rule, answer);
  if ('missing' in identity) {
    return {
      kind: 'unavailable',
      refusal: {
        error: 'identity_missing',
        description: `The identity call has no value at ${identity.missing}.`,
        httpStatus: status,
      },
    };
  }
  return { kind: 'known', identity };
}

/** RFC 6750 section 3.1: the error is in the challenge; some providers have it in the body. */
function bearerError(response: Response, inBody: string | undefined): string {
  const challenge = /error="([^"]+)"/.exec(response.headers.get('www-authenticate') ?? '');
  return challenge?.[1] ?? inBody ?? 'invalid_token';
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
