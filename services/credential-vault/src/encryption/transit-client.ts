import { readFileSync } from 'node:fs';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';
import { backoffMs } from '@credential-renewal/runtime';
import { KeyServiceRefusedError, KeyServiceUnavailableError } from '../errors.ts';
import type { TransitSettings } from './key-settings.ts';

/** An answer with a status of 200 to 499, 429 aside. */
export type TransitAnswer = { status: number; data: Record<string, unknown>; errors: string };

export type TransitClient = {
  /** Rejects with KeyServiceRefusedError where our token is not accepted, or with KeyServiceUnavailableError after a few tries. */
  post(path: string, body: Record<string, unknown>): Promise<TransitAnswer>;
};

type Reply = TransitAnswer & { retryAfterMs: number | undefined };

const tries = 4;
const longestPauseMs = 2_000;
const longestAnswerBytes = 64 * 1024;

/**
 * The HTTP API of HashiCorp Vault and OpenBao (https://developer.hashicorp.com/vault/api-docs): the token in `X-Vault-Token`, the namespace in
 * `X-Vault-Namespace`, errors as `{"errors": [...]}`. 429 and 5xx are tried again; 503 is a sealed server, 307 a standby one, which we do not follow:
 * the token is for the host that was configured.
 */
export function createTransitClient(
  settings: TransitSettings,
  place: string,
  random: () => number = Math.random,
): TransitClient {
  return {
    async post(path, body) {
      let problem: unknown;
      for (let attempt = 1; attempt <= tries; attempt++) {
        const token = readToken(settings, place);
        let retryAfterMs: number | undefined;
        try {
          const reply = await send(settings, token, path, JSON.stringify(body));
          // An agent may have put a new token into the file since we read it.
          if (reply.status === 403 && readToken(settings, place) !== token) continue;
          if (reply.status === 403) throw refused(settings, place, reply);
          if (reply.status < 300) return reply;
          if (reply.status >= 400 && reply.status < 500 && !isPassing(reply.status)) return reply;
          problem = describe(reply);
          retryAfterMs = reply.retryAfterMs;
        } catch (error) {
          if (error instanceof KeyServiceRefusedError) throw error;
          problem = error;
        }
        if (attempt === tries) break;
        const backoff = backoffMs(attempt, { baseMs: 200, maxMs: longestPauseMs, random });
        await pause(Math.min(longestPauseMs, retryAfterMs ?? backoff));
      }
      const told = problem instanceof Error ? reasonOf(problem) : String(problem);
      throw new KeyServiceUnavailableError(
        place,
        told,
        problem instanceof Error ? problem : undefined,
      );
    },
  };
}

/** Too many requests, and two of Vault's own: a standby of disaster recovery (472), a performance standby (473). */
function isPassing(status: number): boolean {
  return status === 429 || status === 472 || status === 473;
}

function describe({ status, errors }: Reply): string {
  const detail = errors === '' ? '' : ` (${errors})`;
  if (status === 503) return `it is sealed or down for maintenance${detail}`;
  if (status >= 300 && status < 400) {
    return `it sends us to another server (${status}); name the active one, or a load balancer, in its URL`;
  }
  return `it answers with status ${status}${detail}`;
}

function refused({ tokenFile }: TransitSettings, place: string, { errors }: Reply) {
  return new KeyServiceRefusedError(
    place,
    `${errors || 'permission denied'}. The token in ${tokenFile} has run out, or its policy lacks "update" on the paths encrypt/ and decrypt/ of the key (for a rotation also keys/<key>/rotate).`,
  );
}

function readToken({ tokenFile }: TransitSettings, place: string): string {
  try {
    return readFileSync(tokenFile, 'utf8').trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new KeyServiceRefusedError(
      place,
      `the token file ${tokenFile} cannot be read (${code}).`,
    );
  }
}

/** One request on a connection of its own; `timeoutMs` is for all of it. */
function send(
  { origin, namespace, caFile, timeoutMs }: TransitSettings,
  token: string,
  path: string,
  body: string,
): Promise<Reply> {
  const url = new URL(`/v1/${path}`, origin);
  return new Promise((resolve, reject) => {
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'x-vault-token': token,
      // Vault refuses requests without it when it is told to (protection against forged requests).
      'x-vault-request': 'true',
      ...(namespace === undefined ? {} : { 'x-vault-namespace': namespace }),
    };
    const options = {
      method: 'POST',
      headers,
      agent: false,
      signal: AbortSignal.timeout(timeoutMs),
    };
    const request =
      url.protocol === 'https:'
        ? httpsRequest(url, { ...options, ca: caFile && readFileSync(caFile) })
        : httpRequest(url, options);
    request.on('error', reject);
    request.on('response', (response) => readReply(response).then(resolve, reject));
    request.end(body);
  });
}

async function readReply(response: IncomingMessage): Promise<Reply> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    bytes += (chunk as Buffer).length;
    if (bytes > longestAnswerBytes) throw new Error('its answer is too long');
    chunks.push(chunk as Buffer);
  }
  const text = Buffer.concat(chunks).toString('utf8');
  const parsed = parse(text);
  const status = response.statusCode ?? 0;
  if (status < 300 && !parsed) throw new Error('its answer is no JSON; is this the right address?');
  const { data, errors } = parsed ?? {};
  const seconds = Number(response.headers['retry-after']);
  return {
    status,
    data: typeof data === 'object' && data !== null ? (data as Record<string, unknown>) : {},
    errors: Array.isArray(errors) ? errors.join('; ').replaceAll(/\s+/g, ' ').slice(0, 300) : '',
    retryAfterMs: seconds > 0 ? seconds * 1_000 : undefined,
  };
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = text === '' ? {} : JSON.parse(text);
    return typeof value === 'object' && value !== null
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function reasonOf(error: Error): string {
  const { code } = error as NodeJS.ErrnoException;
  if (error.name === 'TimeoutError' || error.name === 'AbortError')
    return 'it did not answer in time';
  return typeof code === 'string' && !error.message.includes(code)
    ? `${error.message} (${code})`
    : error.message;
}
