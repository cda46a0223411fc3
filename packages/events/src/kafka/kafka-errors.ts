import { DomainError } from '@credential-renewal/runtime';
import {
  EventLogAccessRefusedError,
  EventLogCredentialsRefusedError,
  EventLogUnavailableError,
} from '../errors.ts';

/** A broker took longer than our own patience; kafkajs measures its own with the wall clock, which may jump back. */
export class BrokerSilentError extends Error {
  constructor(timeoutMs: number) {
    super(`no answer within ${timeoutMs} ms`);
    this.name = 'BrokerSilentError';
  }
}

/** What is used of the errors of kafkajs; `type` is there when a broker answered with an error code. */
type KafkaError = Error & { type?: string; code?: unknown };

/** The error under those that kafkajs wraps around it when it has tried often enough. */
export function rootOf(error: unknown): KafkaError {
  if (!(error instanceof Error)) return new Error(String(error));
  const { cause } = error;
  const isWrapped =
    error.name === 'KafkaJSNumberOfRetriesExceeded' || error.name === 'KafkaJSNonRetriableError';
  return isWrapped && cause instanceof Error && cause !== error ? rootOf(cause) : error;
}

/** The protocol's name of what a broker answered, `NOT_LEADER_FOR_PARTITION` say; undefined when none answered. */
export function errorTypeOf(error: unknown): string | undefined {
  return rootOf(error).type;
}

/** A request was sent and not answered in time: it may have been carried out, or be carried out later. */
export function isSilence(error: unknown): boolean {
  const { name } = rootOf(error);
  return name === 'KafkaJSRequestTimeoutError' || name === 'BrokerSilentError';
}

/** Of connections, addresses and time; not of what a broker sent. */
export function isOfTransport(error: unknown): boolean {
  const root = rootOf(error);
  return (
    root instanceof DomainError ||
    isSilence(root) ||
    /^KafkaJS(Connection|BrokerNotFound|LockTimeout|NoBroker|MetadataNotLoaded)/.test(root.name)
  );
}

/** What the caller of an event log sees of a failure of kafkajs. */
export function toEventLogError(error: unknown): DomainError {
  if (error instanceof DomainError) return error;
  const root = rootOf(error);
  const isCredentials =
    root.name === 'KafkaJSSASLAuthenticationError' || root.type === 'SASL_AUTHENTICATION_FAILED';
  if (isCredentials) return new EventLogCredentialsRefusedError(root.message, error);
  if (root.type?.endsWith('_AUTHORIZATION_FAILED'))
    return new EventLogAccessRefusedError(root.message, error);
  return new EventLogUnavailableError(root.message, error);
}

const certificateCodes =
  /^(CERT_|UNABLE_TO_|SELF_SIGNED_CERT|DEPTH_ZERO_SELF_SIGNED_CERT|ERR_TLS_CERT_ALTNAME_INVALID|ERR_SSL_)/;

/** The certificate of a broker, or ours, is not accepted. kafkajs keeps the code only of errors of the connection. */
export function isCertificateRefused(error: unknown): boolean {
  const { code } = rootOf(error);
  return typeof code === 'string' && certificateCodes.test(code);
}
