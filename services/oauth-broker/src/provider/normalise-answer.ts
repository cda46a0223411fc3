import type { ProviderEntry } from '../catalogue/catalogue-schema.ts';
import { textAt, valueAt } from './json-pointer.ts';

/** Set on an answer whose status we changed: what the provider really sent. */
export const sentStatusHeader = 'x-sent-status';

type Quirks = Pick<ProviderEntry, 'errorInside200'>;

/** The error that an answer carries under status 200 (Slack `ok: false`, GitHub `error`); undefined: it is good. */
export function errorInside200(provider: Quirks, answer: unknown): string | undefined {
  const rule = provider.errorInside200;
  if (!rule) return undefined;
  const ok = rule.ok === undefined ? undefined : valueAt(answer, rule.ok);
  const error = textAt(answer, rule.error);
  if (rule.ok !== undefined)
    return ok === undefined || ok === true ? undefined : (error ?? 'unknown_error');
  return error;
}

/**
 * Brings an answer of the token or revocation endpoint into the form of RFC 6749 section 5, before anything is concluded
 * from it: an error inside a 200 becomes a 400; a 401 whose body names the OAuth error loses its challenge (it would hide
 * the error); unusable optional members go, because refusing an answer over them would lose the new refresh token in it.
 */
export async function normaliseAnswer(
  provider: Quirks,
  response: Response,
  request: { refresh: boolean },
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
  if (response.status === 200) {
    const error = errorInside200(provider, answer);
    headers.delete('content-length');
    if (error !== undefined) {
      headers.set(sentStatusHeader, '200');
      headers.set('content-type', 'application/json');
      return build(JSON.stringify({ error, error_description: describe(answer) }), 400);
    }
    return build(JSON.stringify(tidy(answer, request.refresh)), 200);
  }
  if (typeof answer['error'] === 'string') headers.delete('www-authenticate');
  return build(text, response.status);
}

function tidy(answer: Record<string, unknown>, refresh: boolean): Record<string, unknown> {
  const { expires_in, scope, refresh_token, token_type, id_token, ...rest } = answer;
  const life = Number(expires_in);
  return {
    ...rest,
    token_type:
      typeof token_type === 'string' && /^dpop$/i.test(token_type) ? token_type : 'bearer',
    ...(Number.isFinite(life) && life > 0 ? { expires_in: life } : {}),
    ...(typeof refresh_token === 'string' && refresh_token !== '' ? { refresh_token } : {}),
    ...(typeof scope === 'string' ? { scope } : {}),
    ...(Array.isArray(scope) ? { scope: scope.join(' ') } : {}),
    // Nothing is read from the ID token of a refresh, and a clock that is wrong must not cost us its tokens.
    ...(typeof id_token === 'string' && !refresh ? { id_token } : {}),
  };
}

function describe(answer: Record<string, unknown>): string | undefined {
  const description = answer['error_description'];
  return typeof description === 'string' ? description : undefined;
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
