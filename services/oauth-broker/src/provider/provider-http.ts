import { lookup as dnsLookup, type LookupAddress } from 'node:dns';
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { isPrivateAddress } from './private-address.ts';

export type ProviderRequestCode =
  | 'address_forbidden'
  | 'scheme_forbidden'
  | 'connection_failed'
  | 'connection_lost'
  | 'timeout'
  | 'answer_too_large';

/** No usable HTTP answer. `sent`: the request may have reached the provider, so it may have acted on it. */
export class ProviderRequestError extends Error {
  readonly code: ProviderRequestCode;
  readonly sent: boolean;
  constructor(code: ProviderRequestCode, text: string, sent: boolean, cause?: unknown) {
    super(text, cause === undefined ? undefined : { cause });
    this.name = 'ProviderRequestError';
    this.code = code;
    this.sent = sent;
  }
}

export type ProviderFetch = (
  url: string,
  options: {
    method: string;
    headers: Record<string, string>;
    body?: unknown;
    signal?: AbortSignal;
  },
) => Promise<Response>;

type ResolveAll = (
  hostname: string,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

const resolveAll: ResolveAll = (hostname, callback) =>
  dnsLookup(hostname, { all: true }, (error, addresses) => callback(error, addresses ?? []));

/**
 * One request to a provider, with the whole answer in memory. It never follows a redirect (the 3xx comes back as it is),
 * takes `timeoutMs` (monotonic) from connect to the last byte, and refuses hosts outside the public internet. The address
 * is checked as it is connected to, so a name that resolves to another address a moment later gains nothing (DNS
 * rebinding). Each request has its own connection: a kept one that the provider just closed would lose an answer.
 */
export function createProviderFetch(options: {
  timeoutMs: number;
  /** An operator's choice: this URL's host may be private, and may be spoken to without TLS. */
  allowsPrivate: (url: URL) => boolean;
  maximumBytes?: number;
  resolve?: ResolveAll;
}): ProviderFetch {
  const { timeoutMs, allowsPrivate, maximumBytes = 1_000_000, resolve = resolveAll } = options;

  return async (target, init) => {
    const url = new URL(target);
    const trusted = allowsPrivate(url);
    refuseForbidden(url, trusted);
    const body = encodeBody(init.body);
    return new Promise((resolvePromise, reject) => {
      let sent = false;
      const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, {
        method: init.method,
        headers: {
          ...init.headers,
          ...(body ? { 'content-length': String(body.byteLength) } : {}),
        },
        agent: false,
        lookup: trusted ? undefined : guardedLookup(resolve),
      });
      const fail = (error: unknown) => {
        clearTimeout(timer);
        request.destroy();
        reject(asRequestError(error, sent));
      };
      const timer = setTimeout(
        () => fail(new ProviderRequestError('timeout', `no answer within ${timeoutMs} ms`, sent)),
        timeoutMs,
      );
      init.signal?.addEventListener('abort', () =>
        fail(new ProviderRequestError('timeout', 'the request was given up', sent)),
      );
      onConnected(request, url, () => {
        sent = true;
      });
      request.on('error', fail);
      request.on('response', (response) => {
        readAnswer(response, maximumBytes).then((bytes) => {
          clearTimeout(timer);
          resolvePromise(toResponse(response, bytes));
        }, fail);
      });
      request.end(body);
    });
  };
}

function refuseForbidden(url: URL, trusted: boolean): void {
  if (trusted) return;
  if (url.protocol !== 'https:') {
    throw new ProviderRequestError('scheme_forbidden', 'only https: is allowed', false);
  }
  // An address written out is never looked up, so the guard below would not see it.
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) && isPrivateAddress(host)) throw forbidden(url.hostname);
}

function forbidden(host: string): ProviderRequestError {
  return new ProviderRequestError(
    'address_forbidden',
    `${host} is not on the public internet, and allowPrivateHosts does not list it`,
    false,
  );
}

function guardedLookup(resolve: ResolveAll): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, (error, addresses) => {
      const [first] = addresses;
      if (error) return callback(error, '');
      if (!first || addresses.some(({ address }) => isPrivateAddress(address))) {
        return callback(forbidden(hostname), '');
      }
      if (options.all) return callback(null, addresses);
      return callback(null, first.address, first.family);
    });
  };
}

function onConnected(request: ClientRequest, url: URL, connected: () => void): void {
  request.on('socket', (socket) => {
    socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', connected);
  });
}

async function readAnswer(response: IncomingMessage, maximumBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.byteLength;
    if (length > maximumBytes) {
      throw new ProviderRequestError(
        'answer_too_large',
        `the answer is larger than ${maximumBytes} bytes`,
        true,
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function toResponse(response: IncomingMessage, bytes: Buffer): Response {
  const headers = new Headers();
  for (const [name, values] of Object.entries(response.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value);
  }
  const status = response.statusCode ?? 0;
  const bodiless = status === 204 || status === 205 || status === 304;
  return new Response(bodiless ? null : new Uint8Array(bytes), { status, headers });
}

function asRequestError(error: unknown, sent: boolean): ProviderRequestError {
  if (error instanceof ProviderRequestError) return error;
  const code = String((error as { code?: unknown }).code ?? 'unknown');
  return sent
    ? new ProviderRequestError('connection_lost', `the connection broke (${code})`, true, error)
    : new ProviderRequestError('connection_failed', `no connection (${code})`, false, error);
}

function encodeBody(body: unknown): Buffer | undefined {
  if (body === undefined || body === null) return undefined;
  if (body instanceof URLSearchParams || typeof body === 'string') return Buffer.from(String(body));
  if (body instanceof Uint8Array) return Buffer.from(body);
  throw new TypeError('a request to a provider has a form or text as its body');
}
