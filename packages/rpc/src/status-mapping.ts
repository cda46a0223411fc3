import type { Any } from '@credential-renewal/proto/google/protobuf/any';
import {
  BadRequest,
  ErrorInfo,
  RetryInfo,
} from '@credential-renewal/proto/google/rpc/error_details';
import { Status } from '@credential-renewal/proto/google/rpc/status';
import { DomainError, type ErrorKind, type FieldViolation } from '@credential-renewal/runtime';
import { Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { durationFromMs, msFromDuration } from './duration.ts';

/** The `domain` of our `google.rpc.ErrorInfo` (AIP-193): reasons are unique within it. */
export const errorDomain = 'credential-renewal';

const detailsHeader = 'grpc-status-details-bin';
const typePrefix = 'type.googleapis.com/';

// Status details travel in trailers, of which some peers take no more than 8 KB. Only words for people are cut;
// `metadata` is for programs and crosses whole.
const maxMessageLength = 1_000;
const maxViolations = 30;
const maxDescriptionLength = 160;

const statusOfKind: Record<ErrorKind, status> = {
  invalid_argument: status.INVALID_ARGUMENT,
  not_found: status.NOT_FOUND,
  permission_denied: status.PERMISSION_DENIED,
  already_exists: status.ALREADY_EXISTS,
  failed_precondition: status.FAILED_PRECONDITION,
  aborted: status.ABORTED,
  resource_exhausted: status.RESOURCE_EXHAUSTED,
  unavailable: status.UNAVAILABLE,
  unauthenticated: status.UNAUTHENTICATED,
  deadline_exceeded: status.DEADLINE_EXCEEDED,
  internal: status.INTERNAL,
};

const kindOfStatus = new Map(
  Object.entries(statusOfKind).map(([kind, code]) => [code, kind as ErrorKind]),
);

export type RpcStatus = { code: status; details: string; metadata: Metadata };

/**
 * The status a `DomainError` crosses the wire as: its kind is the code, and `grpc-status-details-bin` carries a
 * `google.rpc.Status` with ErrorInfo, BadRequest and RetryInfo. Any other error becomes INTERNAL with a text that
 * says nothing of its cause.
 */
export function statusFromError(error: unknown): RpcStatus {
  const told = statusMessageOf(error instanceof DomainError ? error : unexpectedError());
  const metadata = new Metadata();
  metadata.set(detailsHeader, Buffer.from(Status.encode(told).finish()));
  return { code: told.code, details: told.message, metadata };
}

/** The same where it is a part of an answer: one of several requests failed. */
export function statusMessageOf(error: DomainError): Status {
  const message = fit(error.message, maxMessageLength);
  return { code: statusOfKind[error.kind], message, details: detailsOf(error) };
}

function unexpectedError(): DomainError {
  return new DomainError('internal', 'INTERNAL_ERROR', 'Something went wrong on our side');
}

function detailsOf(error: DomainError): Any[] {
  const details = [
    pack('google.rpc.ErrorInfo', ErrorInfo, {
      reason: error.code,
      domain: errorDomain,
      metadata: error.metadata,
    }),
  ];
  if (error.violations.length > 0) {
    const fieldViolations = error.violations.slice(0, maxViolations).map((violation) => ({
      field: fit(violation.field, maxDescriptionLength),
      description: fit(violation.description, maxDescriptionLength),
    }));
    details.push(pack('google.rpc.BadRequest', BadRequest, { fieldViolations }));
  }
  if (error.retryAfterMs !== undefined) {
    const retryDelay = durationFromMs(error.retryAfterMs);
    details.push(pack('google.rpc.RetryInfo', RetryInfo, { retryDelay }));
  }
  return details;
}

/** The `DomainError` that a called service threw, or what the transport's failure means for the caller. */
export function errorFromStatus(error: ServiceError, service: string): DomainError {
  return errorFromDetails(error) ?? errorFromTransport(error, service);
}

function errorFromDetails(error: ServiceError): DomainError | undefined {
  const [bytes] = error.metadata?.get(detailsHeader) ?? [];
  if (!Buffer.isBuffer(bytes)) return undefined;
  try {
    return errorFromMessage({ ...Status.decode(bytes), code: error.code });
  } catch {
    // Details that cannot be read are no details; the code still says what happened.
    return undefined;
  }
}

/** What `statusMessageOf` told of; whatever else it may be, it is an error. */
export function errorFromStatusMessage(told: Status): DomainError {
  return (
    errorFromMessage(told) ??
    new DomainError('internal', 'RPC_FAILED', `A part of a call failed (${told.code})`)
  );
}

/** Throws where the details are damaged. */
function errorFromMessage({ code, message, details }: Status): DomainError | undefined {
  const kind = kindOfStatus.get(code);
  const info = unpack(details, 'google.rpc.ErrorInfo', ErrorInfo);
  if (kind === undefined || info?.domain !== errorDomain) return undefined;
  const violations: FieldViolation[] =
    unpack(details, 'google.rpc.BadRequest', BadRequest)?.fieldViolations ?? [];
  const retryAfterMs = msFromDuration(
    unpack(details, 'google.rpc.RetryInfo', RetryInfo)?.retryDelay,
  );
  return new DomainError(kind, info.reason, message, {
    metadata: info.metadata,
    violations,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

function errorFromTransport(error: ServiceError, service: string): DomainError {
  const details = { metadata: { service }, cause: error };
  switch (error.code) {
    case status.UNAVAILABLE:
    // A server that is forced down resets its streams with CANCEL; who cancels on purpose never gets here.
    case status.CANCELLED:
      return serviceUnavailableError(service, error);
    case status.DEADLINE_EXCEEDED:
      return new DomainError(
        'deadline_exceeded',
        'DEADLINE_EXCEEDED',
        `${service} did not answer in time`,
        details,
      );
    case status.RESOURCE_EXHAUSTED:
      return new DomainError(
        'resource_exhausted',
        'MESSAGE_TOO_LARGE',
        `A message to or from ${service} is larger than allowed`,
        details,
      );
    default:
      return new DomainError(
        'internal',
        'RPC_FAILED',
        `The call of ${service} failed (${status[error.code] ?? error.code})`,
        details,
      );
  }
}

/** The transport failed while the call was under way: no handler refused it, and one may have done it all the same. */
export function isLostConnection(error: unknown): boolean {
  if (!(error instanceof DomainError)) return false;
  const { code } = (error.cause ?? {}) as { code?: unknown };
  return code === status.UNAVAILABLE || code === status.CANCELLED;
}

export function serviceUnavailableError(service: string, cause: unknown): DomainError {
  return new DomainError(
    'unavailable',
    'SERVICE_UNAVAILABLE',
    `${service} cannot be reached at the moment`,
    { metadata: { service }, cause },
  );
}

type Codec<T> = {
  encode(message: T): { finish(): Uint8Array };
  decode(bytes: Uint8Array): T;
};

function pack<T>(typeName: string, codec: Codec<T>, message: T): Any {
  return { typeUrl: typePrefix + typeName, value: Buffer.from(codec.encode(message).finish()) };
}

function unpack<T>(details: Any[], typeName: string, codec: Codec<T>): T | undefined {
  const found = details.find((detail) => detail.typeUrl === typePrefix + typeName);
  return found && codec.decode(found.value);
}

/** Cut to a length, and without lone surrogates, which grpc-js cannot percent-encode. */
function fit(text: string, maxLength: number): string {
  return (text.length > maxLength ? `${text.slice(0, maxLength - 3)}...` : text).toWellFormed();
}
