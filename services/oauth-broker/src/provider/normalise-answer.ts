import type { ProviderEntry } from '../catalogue/catalogue-schema.ts';
import { textAt, valueAt } from './json-pointer.ts';
import { lifeSeconds } from './token-lives.ts';

/** Set on an answer whose status we changed: what the provider really sent. */
export const sentStatusHeader = 'x-sent-status';

/** Where an ID token stands that is checked by `id-token.ts`, because its issuer differs by tenant. */
export const ownIdTokenMember = 'own_id_token';

type Quirks = Pick<ProviderEntry, 'errors' | 'answer' | 'scopes' | 'idTokenIssuer'>;

/** What was asked: the shape of the answer depends on it. */
export type TokenRequestKind = 'exchange' | 'refresh' | 'other';

/** The longest token that is kept; the longest known are a few kilobytes. */
const longestToken = 32_768;

/** The error that an answer carries under status 200 (Slack `ok: false`, GitHub `error`); undefined: it is good. */
export function errorInside200({ errors }: Pick<Quirks, 'errors'>, answer: unknown) {
  const rule = errors?.inside200;
  if (!rule) return undefined;
  const ok = rule.ok === undefined ? undefined : valueAt(answer, rule.ok);
  const error = textAt(answer, rule.error);
  if (rule.ok !== undefined)
    return ok === undefined || ok === true ? undefined : (error ?? 'unknown_error');
  return error;
}

/** The error code of an answer that is no 200, wherever this provider has it. */
export function errorCodeOf({ errors }: Pick<Quirks, 'errors'>, answer: unknown) {
  for (const pointer of errors?.code ?? ['/error']) {
    const code = textAt(answer, pointer);
    if (code !== undefined) return code;
  }
  return undefined;
}

/**
 * Brings an answer of the token or revocation endpoint into the form of RFC 6749 section 5, before anything is concluded
 * from it: an error inside a 200 becomes a 400; an error code that stands elsewhere comes to `error`; a 401 whose body names
 * the error loses its challenge (it would hide the error); tokens come out of the object they are wrapped in; unusable
 * optional members go, because refusing an answer over them would lose the new refresh token in it.
 */
export async function normaliseAnswer(
  provider: Quirks,
  response: Response,
  kind: TokenRequestKind,
): Promise<Response> {
  const text = await response.text();
  const headers = new Headers(response.headers);
  const answer = parseObject(text);
  const build = (body: string, status: number) =>
    new Response(status === 204 || status === 205 || status === 304 ? null : body, {
      status,
      headers,
    });
  if (!answer) return build(text, response.status);
  headers.delete('content-length');
  // Some label their JSON as text; the tokens in it are no worse for that.
  headers.set('content-type', 'application/json');
  // Some create tokens, with a 201.
  const success = response.status >= 200 && response.status < 300;
  const inside = success ? errorInside200(provider, answer) : undefined;
  if (success && inside === undefined) {
    return build(JSON.stringify(tidy(provider, unwrap(provider, answer, kind), kind)), 200);
  }
  const error = inside ?? errorCodeOf(provider, answer);
  if (error === undefined) return build(text, response.status);
  headers.delete('www-authenticate');
  headers.set(sentStatusHeader, String(response.status));
  const body = JSON.stringify({ ...answer, error, error_description: describe(answer) });
  return build(body, inside === undefined ? response.status : 400);
}

/** What stands in the wrapped object counts, and what stands only beside it stays. */
function unwrap(
  { answer: shape }: Quirks,
  answer: Record<string, unknown>,
  kind: TokenRequestKind,
): Record<string, unknown> {
  const pointer = kind === 'other' ? undefined : shape?.[kind];
  if (pointer === undefined) return answer;
  // The tokens beside it belong to somebody else (a bot), so without the wrapped ones there are none.
  const { access_token: _, refresh_token: __, expires_in: ___, scope: ____, ...beside } = answer;
  const wrapped = valueAt(answer, pointer);
  return typeof wrapped === 'object' && wrapped !== null ? { ...beside, ...wrapped } : beside;
}

function tidy(
  { scopes, idTokenIssuer }: Quirks,
  answer: Record<string, unknown>,
  kind: TokenRequestKind,
): Record<string, unknown> {
  const {
    access_token,
    expires_in,
    scope: _,
    refresh_token,
    token_type,
    id_token,
    ...rest
  } = answer;
  const life = lifeSeconds(expires_in);
  const scope = valueAt(answer, scopes?.answer ?? '/scope');
  const usesOwnCheck = idTokenIssuer !== undefined && kind === 'exchange';
  return {
    ...rest,
    ...(isToken(access_token) ? { access_token } : {}),
    token_type:
      typeof token_type === 'string' && /^dpop$/i.test(token_type) ? token_type : 'bearer',
    ...(life === undefined ? {} : { expires_in: life }),
    ...(isToken(refresh_token) ? { refresh_token } : {}),
    ...(typeof scope === 'string' ? { scope } : {}),
    ...(Array.isArray(scope) ? { scope: scope.join(' ') } : {}),
    // Nothing is read from the ID token of a refresh, and a clock that is wrong must not cost us its tokens.
    ...(isToken(id_token) && kind !== 'refresh'
      ? { [usesOwnCheck ? ownIdTokenMember : 'id_token']: id_token }
      : {}),
  };
}

function isToken(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= longestToken;
}

function describe(answer: Record<string, unknown>): string | undefined {
  for (const name of ['error_description', 'message', 'error_summary']) {
    const description = answer[name];
    if (typeof description === 'string') return description;
  }
  return undefined;
}

export function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
