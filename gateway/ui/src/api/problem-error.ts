import type { Problem } from '@credential-renewal/gateway/http-types';

/** An answer of the gateway that is a problem document (RFC 9457). */
export class ProblemError extends Error {
  readonly code: string;
  readonly status: number;
  readonly fields: { pointer: string; detail: string }[];

  constructor(problem: Problem) {
    super(problem.detail || problem.title);
    this.name = 'ProblemError';
    this.code = problem.code;
    this.status = problem.status;
    this.fields = problem.errors ?? [];
  }

  /** What is wrong with the field at a JSON pointer, such as `/name`. */
  field(pointer: string): string | undefined {
    return this.fields.find((field) => field.pointer === pointer)?.detail;
  }
}

/** No answer at all: the network or the gateway is down. */
export class GatewayUnreachableError extends Error {
  readonly code = 'gateway_unreachable';

  constructor(cause: unknown) {
    super('The server cannot be reached. Check your connection.', { cause });
    this.name = 'GatewayUnreachableError';
  }
}

export function hasStatus(error: unknown, ...statuses: number[]): boolean {
  return error instanceof ProblemError && statuses.includes(error.status);
}
