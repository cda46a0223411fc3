import { OutgoingRequestError } from '@credential-renewal/runtime';
import * as oauth from 'openid-client';
import { parseObject, sentStatusHeader } from './normalise-answer.ts';

/** What came back instead of tokens, whatever told us so. */
export type Refusal = {
  error: string;
  description?: string;
  /** 0: there was no HTTP answer. */
  httpStatus: number;
  retryAfterMs?: number;
  /** The provider may have acted without our learning what it answered. */
  answerLost?: boolean;
  /** The whole answer, for what the catalogue finds in it; it goes nowhere else. */
  body?: unknown;
};

/** An answer that openid-client has not read for us, and that is no success. */
class AnswerRefusedError extends Error {
  readonly refusal: Refusal;
  constructor(refusal: Refusal) {
    super(`the provider answered with status ${refusal.httpStatus}`);
    this.refusal = refusal;
  }
}

/** Throws what `refusalOf` reads unless the answer, once normalised, is a success. */
export async function requireSuccess(response: Response, nowMs: number): Promise<void> {
  if (response.status >= 200 && response.status < 300) return;
  const body = parseObject(await response.text());
  const { error, error_description: description } = body ?? {};
  throw new AnswerRefusedError({
    error: typeof error === 'string' ? error : `http_${response.status}`,
    description: typeof description === 'string' ? description : undefined,
    body,
    ...answerFacts(response, nowMs),
  });
}

/** Reads what openid-client throws when a token or revocation request yields nothing. `nowMs` serves dates in `Retry-After`. */
export function refusalOf(error: unknown, nowMs: number): Refusal {
  if (error instanceof AnswerRefusedError) return error.refusal;
  if (error instanceof oauth.ResponseBodyError) {
    return {
      error: error.error,
      description: error.error_description,
      body: error.cause,
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
  const failed = findCause(error, (cause) => cause instanceof OutgoingRequestError);
  if (failed instanceof OutgoingRequestError) {
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

/** A success we cannot read, and a gateway that lost its upstream: the provider behind may have replaced the token. */
function mayHideSuccess(status: number): boolean {
  return (status >= 200 && status < 300) || status === 502 || status === 504;
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
