import { STATUS_CODES } from 'node:http';
import { DomainError, type ErrorKind, type FieldViolation } from '@credential-renewal/runtime';
import type { FastifySchemaValidationError } from 'fastify';
import { namedSchemaErrors } from './schema-errors.ts';
import type { Problem } from './schemas/index.ts';

export const problemMediaType = 'application/problem+json; charset=utf-8';

export type ProblemAnswer = {
  problem: Problem;
  headers: Record<string, string>;
  /** Not foreseen: to be logged with its error, and told to the caller without it. */
  unexpected: boolean;
};

/** Turns any error of a request into an RFC 9457 problem document and its headers. Never a stack, never a cause. */
export function problemOf(error: unknown): ProblemAnswer {
  if (error instanceof DomainError) return ofDomainError(error);
  const { code, validation, validationContext } = (error ?? {}) as {
    code?: unknown;
    validation?: FastifySchemaValidationError[];
    validationContext?: string;
  };
  if (validation) return ofValidation(validation, validationContext);
  return ofFrameworkCode(typeof code === 'string' ? code : '', error);
}

/** A problem document with the standard title of its status (RFC 9457 section 4.2.1). */
export function problem(
  status: number,
  code: string,
  detail: string,
  errors?: Problem['errors'],
): Problem {
  return {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail,
    code,
    ...(errors && errors.length > 0 ? { errors } : {}),
  };
}

/** `source_id` of a proto message -> `/sourceId` of the HTTP body. */
export function pointerOf(field: string): string {
  return field
    .replace(/\[(\d+)\]/g, '.$1')
    .split('.')
    .map((part) => `/${part.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())}`)
    .join('');
}

function expected(document: Problem, headers: Record<string, string> = {}): ProblemAnswer {
  return { problem: document, headers, unexpected: false };
}

function unknownId(): ProblemAnswer {
  return expected(problem(404, 'RESOURCE_NOT_FOUND', 'There is nothing with this id.'));
}

function internal(): ProblemAnswer {
  return {
    problem: problem(500, 'INTERNAL_ERROR', 'Something went wrong on our side. Try again later.'),
    headers: {},
    unexpected: true,
  };
}

function ofDomainError(error: DomainError): ProblemAnswer {
  if (error.kind === 'internal') return internal();
  const status = statusOf(error.kind);
  const errors = error.violations.map(ofViolation);
  // The message of bad input names fields as the proto does; a caller over HTTP knows them by their pointers.
  const detail = error.code === 'INPUT_INVALID' ? detailOf(errors) : error.message;
  return expected(problem(status, error.code, detail, errors), headersOf(status, error));
}

function detailOf(errors: NonNullable<Problem['errors']>): string {
  return errors.map(({ pointer, detail }) => `${pointer || 'the body'} ${detail}`).join('; ');
}

function ofViolation({ field, description }: FieldViolation) {
  return { pointer: pointerOf(field), detail: description };
}

function headersOf(status: number, error: DomainError): Record<string, string> {
  switch (status) {
    case 401:
      return { 'www-authenticate': challengeOf(error.code) };
    case 429:
    case 503:
      return {
        'retry-after': String(Math.max(1, Math.ceil((error.retryAfterMs ?? 1_000) / 1000))),
      };
    default:
      return {};
  }
}

/** RFC 6750 section 3: no error code where no token was sent. */
function challengeOf(code: string): string {
  return code === 'BEARER_TOKEN_INVALID' ? 'Bearer error="invalid_token"' : 'Bearer';
}

function statusOf(kind: Exclude<ErrorKind, 'internal'>): number {
  switch (kind) {
    case 'invalid_argument':
      return 400;
    case 'unauthenticated':
      return 401;
    case 'permission_denied':
      return 403;
    case 'not_found':
      return 404;
    case 'already_exists':
    case 'failed_precondition':
    case 'aborted':
      return 409;
    case 'resource_exhausted':
      return 429;
    case 'unavailable':
      return 503;
    case 'deadline_exceeded':
      return 504;
    default:
      return kind satisfies never;
  }
}

function ofValidation(
  errors: FastifySchemaValidationError[],
  context: string | undefined,
): ProblemAnswer {
  // An id in the path that is no id cannot exist.
  if (context === 'params') return unknownId();
  const named = namedSchemaErrors(errors);
  return expected(problem(400, 'INPUT_INVALID', detailOf(named), named));
}

function ofFrameworkCode(code: string, error: unknown): ProblemAnswer {
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return expected(problem(413, 'BODY_TOO_LARGE', 'The body may have 64 kB at most.'));
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return expected(
        problem(415, 'CONTENT_TYPE_UNSUPPORTED', 'The body must be application/json.'),
      );
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return expected(problem(400, 'BODY_NOT_JSON', 'The body is not valid JSON.'));
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return unknownId();
    case 'FST_ERR_BAD_URL':
      return expected(problem(400, 'URL_INVALID', 'The address is not valid.'));
    default:
      break;
  }
  const status = (error as { statusCode?: unknown } | undefined)?.statusCode;
  // Fastify gives its parser's SyntaxError (also for `__proto__` in a body) this status and no code.
  if (error instanceof SyntaxError && status === 400)
    return expected(problem(400, 'BODY_NOT_JSON', 'The body is not valid JSON.'));
  // What is left of the caller's doing: an upload that broke off, a range outside a file.
  if (typeof status === 'number' && status >= 400 && status < 500)
    return expected(problem(status, 'REQUEST_REFUSED', 'The request cannot be answered.'));
  return internal();
}
