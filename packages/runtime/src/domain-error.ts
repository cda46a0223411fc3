/** What went wrong, in the words of gRPC's status codes (the subset we use). */
export type ErrorKind =
  | 'invalid_argument'
  | 'not_found'
  | 'permission_denied'
  | 'already_exists'
  | 'failed_precondition'
  | 'aborted'
  | 'resource_exhausted'
  | 'unavailable'
  | 'unauthenticated'
  | 'deadline_exceeded'
  | 'internal';

export type FieldViolation = { field: string; description: string };

/**
 * An error that callers may act on. `code` is stable and UPPER_SNAKE_CASE, `message` is for people and free of
 * secrets. It crosses gRPC intact (packages/rpc) and becomes a problem document in the gateway.
 */
export class DomainError extends Error {
  readonly kind: ErrorKind;
  readonly code: string;
  readonly metadata: Record<string, string>;
  readonly violations: FieldViolation[];
  readonly retryAfterMs: number | undefined;

  constructor(
    kind: ErrorKind,
    code: string,
    message: string,
    details: {
      metadata?: Record<string, string>;
      violations?: FieldViolation[];
      retryAfterMs?: number;
      cause?: unknown;
    } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.kind = kind;
    this.code = code;
    this.metadata = details.metadata ?? {};
    this.violations = details.violations ?? [];
    this.retryAfterMs = details.retryAfterMs;
  }
}

/** Bad input; every wrong field is named. */
export class InputInvalidError extends DomainError {
  constructor(violations: FieldViolation[]) {
    super(
      'invalid_argument',
      'INPUT_INVALID',
      violations.map((v) => `${v.field}: ${v.description}`).join('; '),
      { violations },
    );
  }
}
