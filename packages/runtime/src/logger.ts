import { pino } from 'pino';
import { openLogDestination } from './log-destination.ts';
import { currentTrace } from './trace.ts';

export type Logger = pino.Logger;

const secretNames = [
  'access_token',
  'accessToken',
  'refresh_token',
  'refreshToken',
  'id_token',
  'idToken',
  'token',
  'tokens',
  'client_secret',
  'clientSecret',
  'secret',
  'code',
  'code_verifier',
  'codeVerifier',
  'state',
  'browser_secret',
  'browserSecret',
  'password',
  'cookie',
  'cookies',
  'authorization',
  'set-cookie',
  'email',
  'recipient',
  'to',
];

/**
 * JSON lines with the trace id of the current call. Fields that are named like a secret are blanked up to two levels
 * deep as a second line of defence; the first is that nobody logs requests, answers or tokens.
 *
 * An error's own `code` is its stable name and stays readable because errors are serialised under `err`.
 */
export function createLogger(options: {
  service: string;
  level: string;
  destination?: pino.DestinationStream;
}): Logger {
  return pino(
    {
      level: options.level,
      base: { service: options.service },
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: {
        paths: secretNames
          .flatMap((name) => [`["${name}"]`, `*["${name}"]`])
          .filter((path) => path !== '*["code"]'),
        censor: '[redacted]',
      },
      serializers: {
        err: serializeError,
        // Where somebody wrote `error` for `err`; an error code in words stays.
        error: (error: unknown) => (error instanceof Error ? serializeError(error) : error),
      },
      mixin: () => {
        const trace = currentTrace();
        return trace ? { trace_id: trace.traceId } : {};
      },
    },
    options.destination ?? openLogDestination(),
  );
}

/** Only what we chose to say: an error of a library may carry a request with tokens in its fields. */
function serializeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { message: String(error) };
  const { code } = error as { code?: unknown };
  return {
    type: error.name,
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    message: error.message,
    stack: error.stack,
    ...(error.cause === undefined ? {} : { cause: causeOf(error.cause) }),
  };
}

/** With its code: `fetch failed` has its reason only there, and an AggregateError has no message. */
function causeOf(cause: unknown): string {
  if (!(cause instanceof Error)) return typeof cause;
  const { code } = cause as { code?: unknown };
  const name = typeof code === 'string' ? `${cause.name} (${code})` : cause.name;
  return cause.message === '' ? name : `${name}: ${cause.message}`;
}
