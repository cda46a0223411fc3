import { lookup as dnsLookup, type LookupAddress } from 'node:dns';
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { runInOutgoingSpan } from '../span.ts';
import type { EgressSettings } from './egress-settings.ts';
import { createKeptConnections } from './kept-connections.ts';
import { OutgoingRequestError } from './outgoing-request-error.ts';
import { isPrivateAddress } from './private-address.ts';
import { openTunnel, tlsThrough } from './proxy-tunnel.ts';

export type GuardedFetch = (
  url: string,
  options: {
    method: string;
    headers: Record<string, string>;
    body?: unknown;
    signal?: AbortSignal | undefined;
  },
) => Promise<Response>;

type ResolveAll = (
  hostname: string,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** `tls.connect` takes the context from here; the types do not know it. */
type Connection = RequestOptions & { secureContext?: SecureContext | undefined };

/** A timer that is so late was not late by itself. */
const lateMs = 100;
/** Long enough to read what has arrived. */
const unreadMs = 100;

const over = new Error('the request is over');

type Guard = { resolve: ResolveAll; isPrivate: (address: string) => boolean };

const resolveAll: ResolveAll = (hostname, callback) =>
  dnsLookup(hostname, { all: true }, (error, addresses) => callback(error, addresses ?? []));

/**
 * One request to a server that data chose (a catalogue, a discovery document), with the whole answer in memory. It never
 * follows a redirect (the 3xx comes back as it is), takes `timeoutMs` (monotonic) from connect to the last byte, and refuses
 * hosts outside the public internet. The address is checked as it is connected to, so a name that resolves to another address
 * a moment later gains nothing (DNS rebinding); requests that follow each other to the same host go on with that connection, but for those through a
 * proxy. Rejects with OutgoingRequestError.
 */
export function createGuardedFetch(options: {
  timeoutMs: number;
  /** An operator's choice: this URL's host may be private, may be spoken to without TLS, and is reached without the egress proxy. */
  allowsPrivate: (url: URL) => boolean;
  egress?: EgressSettings;
  maximumBytes?: number;
  resolve?: ResolveAll;
  isPrivate?: (address: string) => boolean;
}): GuardedFetch {
  const { timeoutMs, allowsPrivate, egress = {}, maximumBytes = 1_000_000 } = options;
  const guard = {
    resolve: options.resolve ?? resolveAll,
    isPrivate: options.isPrivate ?? isPrivateAddress,
  };
  const secureContext = trusting(egress.authorities);
  const connections = createKeptConnections();

  /** How to reach it, as options of a request. */
  async function connectionTo(
    url: URL,
    trusted: boolean,
    ending: AbortSignal,
  ): Promise<Connection> {
    const direct: Connection = { agent: connections.agentFor(url.protocol), secureContext };
    if (trusted) return direct;
    if (!egress.proxy) return { ...direct, lookup: guardedLookup(guard) };
    await refuseKnownPrivate(url, guard);
    const tunnel = await openTunnel(egress.proxy, url, ending);
    // Without an agent Node takes 80 for the usual port, and writes 443 into Host.
    return { defaultPort: 443, createConnection: () => tlsThrough(tunnel, url, secureContext) };
  }

  const request: GuardedFetch = async (target, init) => {
    const url = new URL(target);
    const trusted = allowsPrivate(url);
    refuseForbidden(url, trusted, guard);
    const body = encodeBody(init.body);
    return new Promise((resolvePromise, reject) => {
      let sent = false;
      const startedMs = performance.now();
      const ending = new AbortController();
      const fail = (error: unknown) => {
        clearTimeout(timer);
        reject(asRequestError(error, sent));
        ending.abort();
      };
      // A process that was paused, or busy, hears its timers before its sockets: the answer may lie there unread, and be the only
      // one that carries a living token.
      const failUnlessUnread = (problem: string) => {
        const error = new OutgoingRequestError('timeout', problem, sent);
        if (performance.now() - startedMs < timeoutMs + lateMs) return fail(error);
        clearTimeout(timer);
        timer = setTimeout(() => fail(error), unreadMs);
      };
      let timer = setTimeout(() => failUnlessUnread(`no answer within ${timeoutMs} ms`), timeoutMs);
      const giveUp = () => failUnlessUnread('the request was given up');
      if (init.signal?.aborted) {
        return fail(new OutgoingRequestError('timeout', 'the request was given up', sent));
      }
      init.signal?.addEventListener('abort', giveUp, { once: true, signal: ending.signal });
      const send = (connection: Connection) => {
        const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, {
          method: init.method,
          headers: {
            ...init.headers,
            ...(body ? { 'content-length': String(body.byteLength) } : {}),
          },
          ...connection,
          signal: ending.signal,
        });
        onConnected(request, url, () => {
          sent = true;
        });
        request.on('error', fail);
        request.on('response', (response) => {
          readAnswer(response, maximumBytes).then((bytes) => {
            clearTimeout(timer);
            resolvePromise(toResponse(response, bytes));
            // A tunnel ends with that, and a connection that is kept does not. Aborting the request before it has closed would make errors for nobody, at each of them.
            const end = () => ending.abort(over);
            request.closed ? end() : request.once('close', end);
          }, fail);
        });
        request.end(body);
      };
      connectionTo(url, trusted, ending.signal).then(send).catch(fail);
    });
  };
  return (target, init) =>
    runInOutgoingSpan(spanOf(target, init.method), async (span) => {
      const response = await request(target, init);
      span.set({ 'http.response.status_code': response.status });
      return response;
    });
}

/** With the host alone: a path may hold an id, and a query a secret. */
function spanOf(target: string, method: string): Parameters<typeof runInOutgoingSpan>[0] {
  const host = URL.parse(target)?.host ?? '';
  const attributes = { 'http.request.method': method, 'server.address': host };
  return { name: `${method} ${host}`, kind: 'client', attributes };
}

/** Node's own authorities, and these beside them. */
function trusting(authorities: string | undefined): SecureContext | undefined {
  if (authorities === undefined) return undefined;
  return createSecureContext({ ca: [...getCACertificates('default'), authorities] });
}

function refuseForbidden(url: URL, trusted: boolean, { isPrivate }: Guard): void {
  if (trusted) return;
  if (url.protocol !== 'https:') {
    throw new OutgoingRequestError('scheme_forbidden', 'only https: is allowed', false);
  }
  // An address written out is never looked up, so the guard below would not see it.
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) && isPrivate(host)) throw forbidden(url.hostname);
}

function forbidden(host: string): OutgoingRequestError {
  return new OutgoingRequestError(
    'address_forbidden',
    `${host} is not on the public internet, and no setting allows it as a private host`,
    false,
  );
}

function guardedLookup({ resolve, isPrivate }: Guard): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, (error, addresses) => {
      const [first] = addresses;
      if (error) return callback(error, '');
      if (!first || addresses.some(({ address }) => isPrivate(address))) {
        return callback(forbidden(hostname), '');
      }
      if (options.all) return callback(null, addresses);
      return callback(null, first.address, first.family);
    });
  };
}

/**
 * The proxy looks the name up itself, so what is seen here is no more than a first check: a name that is private here is
 * refused, one that is unknown here (no outside DNS) is left to the proxy.
 */
function refuseKnownPrivate({ hostname }: URL, { resolve, isPrivate }: Guard): Promise<void> {
  if (isIP(hostname.replace(/^\[|\]$/g, ''))) return Promise.resolve();
  return new Promise((done, reject) => {
    resolve(hostname, (error, addresses) => {
      if (!error && addresses.some(({ address }) => isPrivate(address))) {
        reject(forbidden(hostname));
      } else {
        done();
      }
    });
  });
}

function onConnected(request: ClientRequest, url: URL, connected: () => void): void {
  request.on('socket', (socket) => {
    if (request.reusedSocket) return connected();
    socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', connected);
  });
}

async function readAnswer(response: IncomingMessage, maximumBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.byteLength;
    if (length > maximumBytes) {
      throw new OutgoingRequestError(
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

function asRequestError(error: unknown, sent: boolean): OutgoingRequestError {
  if (error instanceof OutgoingRequestError) return error;
  const code = String((error as { code?: unknown }).code ?? 'unknown');
  return sent
    ? new OutgoingRequestError('connection_lost', `the connection broke (${code})`, true, error)
    : new OutgoingRequestError('connection_failed', `no connection (${code})`, false, error);
}

function encodeBody(body: unknown): Buffer | undefined {
  if (body === undefined || body === null) return undefined;
  if (body instanceof URLSearchParams || typeof body === 'string') return Buffer.from(String(body));
  if (body instanceof Uint8Array) return Buffer.from(body);
  throw new TypeError('a request to a server has a form or text as its body');
}
