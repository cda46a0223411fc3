import {
  type Failure,
  Failure_Kind,
} from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import { durationFromMs } from '@credential-renewal/rpc';
import * as oauth from 'openid-client';
import type { ProviderEntry } from '../catalogue/catalogue-schema.ts';
import { sentStatusHeader } from './normalise-answer.ts';
import { ProviderRequestError } from './provider-http.ts';
import { cleanErrorCode, redact } from './redact.ts';

type Rules = Pick<ProviderEntry, 'deadErrors'>;

/** What came back instead of tokens, whatever told us so. */
export type Refusal = {
  error: string;
  description?: string;
  /** 0: there was no HTTP answer. */
  httpStatus: number;
  retryAfterMs?: number;
  /** The provider may have acted without our learning what it answered. */
  answerLost?: boolean;
};

/** Errors of our client or request, not of one grant (RFC 6749 section 5.2). */
const clientErrors = new Set([
  'invalid_client',
  'unauthorized_client',
  'invalid_request',
  'invalid_scope',
]);

/**
 * What a refusal means (semantics 11). Only a definite answer with a code that is known to speak of this grant counts as a
 * refusal of the grant; what nobody foresaw is transient.
 */
export function failureOf(
  provider: Rules,
  refusal: Refusal,
  secrets: readonly (string | undefined)[] = [],
): Failure {
  const known = provider.deadErrors.find(({ error }) => error === refusal.error);
  return {
    kind: kindOf(refusal, known !== undefined),
    error: cleanErrorCode(refusal.error),
    description: redact(refusal.description ?? '', secrets),
    httpStatus: refusal.httpStatus,
    retryAfter:
      refusal.retryAfterMs === undefined ? undefined : durationFromMs(refusal.retryAfterMs),
    answerLost: refusal.answerLost === true,
    reasonCode: known?.reason ?? (known ? 'access_withdrawn' : ''),
  };
}

function kindOf({ error, httpStatus }: Refusal, known: boolean): Failure['kind'] {
  const definite =
    httpStatus === 200 || (httpStatus >= 400 && httpStatus < 500 && httpStatus !== 429);
  if (!definite) return Failure_Kind.TRANSIENT;
  if (error === 'invalid_grant') {
    const refused =
      httpStatus === 200 || httpStatus === 400 || httpStatus === 401 || httpStatus === 403;
    if (!refused) return Failure_Kind.TRANSIENT;
    return known ? Failure_Kind.GRANT_REFUSED : Failure_Kind.GRANT_REFUSED_UNCONFIRMED;
  }
  if (known) return Failure_Kind.GRANT_REFUSED;
  return clientErrors.has(error) ? Failure_Kind.CLIENT_REFUSED : Failure_Kind.TRANSIENT;
}

/** Reads what openid-client throws when a token or revocation request yields nothing. `nowMs` serves dates in `Retry-After`. */
export function refusalOf(error: unknown, nowMs: number): Refusal {
  if (error instanceof oauth.ResponseBodyError) {
    return {
      error: error.error,
      description: error.error_description,
      ...answerFacts(error.response, nowMs),
    };
  }
  if (error instanceof oauth.WWWAuthenticateChallengeError) {
    const parameters = error.cause.map((challenge) => challenge.parameters);
    return {
      error: parameters.find((found) => found['error'])?.['error'] ?? 'challenge',
      description: parameters.find((found) => found['error_description'])?.['error_description'],
      ...answerFacts(error.response, nowMs),
    };
  }
  const failed = findCause(error, (cause) => cause instanceof ProviderRequestError);
  if (failed instanceof ProviderRequestError) {
    return {
      error: failed.code,
      description: failed.message,
      httpStatus: 0,
      answerLost: failed.sent,
    };
  }
  const response = findCause(error, (cause) => cause instanceof Response);
  if (response instanceof Response) {
    return {
      error: response.status === 200 ? 'unreadable_answer' : `http_${response.status}`,
      description: `The provider answered with status ${response.status} and ${response.headers.get('content-type')?.split(';')[0] ?? 'no content type'}.`,
      ...answerFacts(response, nowMs),
      answerLost: mayHideSuccess(response.status),
    };
  }
  const code = (error as { code?: unknown } | undefined)?.code;
  return {
    error: typeof code === 'string' ? code.toLowerCase() : 'unreadable_answer',
    description: error instanceof Error ? error.message : 'The answer could not be read.',
    httpStatus: answeredBadly.has(String(code)) ? 200 : 0,
    answerLost: true,
  };
}

// The answer arrived whole with status 200, and no tokens could be read from it.
const answeredBadly = new Set(['OAUTH_PARSE_ERROR', 'OAUTH_INVALID_RESPONSE']);

/** A 200 we cannot read, and a gateway that lost its upstream: the provider behind may have replaced the token. */
function mayHideSuccess(status: number): boolean {
  return status === 200 || status === 502 || status === 504;
}

function answerFacts(
  response: Response,
  nowMs: number,
): { httpStatus: number; retryAfterMs?: number } {
  return {
    httpStatus: Number(response.headers.get(sentStatusHeader) ?? response.status),
    retryAfterMs: parseRetryAfter(response.headers.get('retry-after'), nowMs),
  };
}

/** Seconds or a date (RFC 9110 section 10.2.3), in ms from now; at most a day, since no provider means longer. */
export function parseRetryAfter(header: string | null, nowMs: number): number | undefined {
  if (header === null) return undefined;
  const text = header.trim();
  const waitMs = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs;
  return Number.isFinite(waitMs) ? Math.min(Math.max(waitMs, 0), 86_400_000) : undefined;
}

function findCause(error: unknown, matches: (cause: unknown) => boolean): unknown {
  let current: unknown = error;
  for (let depth = 0; depth < 6 && current !== undefined && current !== null; depth += 1) {
    if (matches(current)) return current;
    current = (current as { cause?: unknown }).cause;
  }
  return undefined;
}
