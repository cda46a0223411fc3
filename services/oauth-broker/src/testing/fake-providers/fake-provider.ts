import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parse } from 'yaml';
import { closeServer } from '../scripted-provider.ts';

export const shippedCatalogue = new URL('../../../catalogue/', import.meta.url).pathname;

export type FakeRequest = {
  /** `POST oauth2.googleapis.com/token`, with the real host. */
  route: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  /** Of a form or a JSON object. */
  form: URLSearchParams;
  bearer: string;
};
export type FakeAnswer = { status?: number; headers?: Record<string, string>; body?: unknown };

/** What one person allowed. */
export type Grant = {
  subject: string;
  scopes: string[];
  nonce: string | null;
  /** Of the authorization request. */
  asked: URLSearchParams;
  /** Where it was asked for, as the real URL without its query: `acme.zendesk.com/oauth/authorizations/new`. */
  place: string;
  accessTokens: Set<string>;
  /** The living ones. */
  refreshTokens: Set<string>;
  ended: boolean;
};

/** What a fake has in hand: grants, and the checks that every authorization server makes. */
export type FakeWorld = {
  grants: Set<Grant>;
  /** The issuer or URL that stands for `https://...` here. */
  standIn(url: string): string;
  /** Spends a code with its PKCE verifier and redirect URI; undefined: `invalid_grant`. */
  spendCode(form: URLSearchParams): Grant | undefined;
  byRefreshToken(token: string | null): Grant | undefined;
  byAccessToken(token: string): Grant | undefined;
  newAccessToken(grant: Grant): string;
  newRefreshToken(grant: Grant): string;
  /** Our client, as the catalogue says that it authenticates. */
  knowsClient(request: FakeRequest): boolean;
};

/** One provider, in its own words. */
export type FakeScript = {
  /** The name of its file in the catalogue. */
  id: string;
  connector: string;
  /** What the operator's file says beside the client. */
  own?: object;
  /** Placeholders as they are filled. */
  values?: Record<string, string>;
  /** What the person has to give at a first authorization. */
  parameters?: Record<string, string>;
  /** What a grant's identity is known by. */
  identityKey(subject: string): string;
  /** Looks at an authorization request; a text: it is refused with that error. */
  authorize(asked: URLSearchParams): string | undefined;
  scopesAsked(asked: URLSearchParams): string[];
  routes(world: FakeWorld): Record<string, (request: FakeRequest) => FakeAnswer>;
};

/** Who agrees to what; `values`: at another place than the script's. */
export type Consenting = {
  subject?: string;
  without?: string[];
  values?: Record<string, string>;
};

export type FakeProvider = {
  script: FakeScript;
  origin: string;
  /** An operator's file: the shipped one with a client, and with every host moved here. */
  file: Record<string, unknown>;
  requests: FakeRequest[];
  world: FakeWorld;
  answerNext(route: string, ...answers: FakeAnswer[]): void;
  /** A person agrees; answers with the query of the callback. */
  consent(redirectUrl: string, as?: Consenting): string;
  /** The person, or somebody for them, withdraws what was allowed. */
  withdraw(subject?: string): void;
  count(route: string): number;
  close(): Promise<void>;
};

const client = { id: 'our-client', secret: 'planted-client-secret' };

export async function startFakeProvider(script: FakeScript): Promise<FakeProvider> {
  const requests: FakeRequest[] = [];
  const queued = new Map<string, FakeAnswer[]>();
  const codes = new Map<string, { grant: Grant; asked: URLSearchParams }>();
  const grants = new Set<Grant>();
  const server = createServer((incoming, response) => {
    read(incoming)
      .then((request) => {
        requests.push(request);
        const scripted = queued.get(request.route)?.shift();
        const answer = scripted ?? routes[request.route]?.(request) ?? { status: 404 };
        const { status = 200, headers = {}, body = '' } = answer;
        const text = typeof body === 'string' ? body : JSON.stringify(body);
        response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text);
      })
      .catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const origin = `http://${host}`;
  const shipped: unknown = parse(readFileSync(`${shippedCatalogue}${script.id}.yaml`, 'utf8'));
  const standIn = (url: string) => url.replace(/^https:\//, origin);
  const fill = (url: string, values = script.values) =>
    url.replace(/\{(\w+)\}/g, (_, name) => values?.[name] ?? '');
  const { endpoints = {} } = shipped as { endpoints?: Record<string, string> };

  const world: FakeWorld = {
    grants,
    standIn,
    spendCode(form) {
      const code = form.get('code') ?? '';
      const found = codes.get(code);
      codes.delete(code);
      const verifier = createHash('sha256').update(form.get('code_verifier') ?? '');
      const good =
        found?.asked.get('code_challenge') === verifier.digest('base64url') &&
        found.asked.get('redirect_uri') === form.get('redirect_uri');
      if (!good) return undefined;
      grants.add(found.grant);
      return found.grant;
    },
    byRefreshToken: (token) =>
      [...grants].find(({ refreshTokens, ended }) => !ended && refreshTokens.has(token ?? '')),
    byAccessToken: (token) =>
      [...grants].find(({ accessTokens, ended }) => !ended && accessTokens.has(token)),
    newAccessToken: (grant) => keep(grant.accessTokens, 'at'),
    newRefreshToken: (grant) => keep(grant.refreshTokens, 'rt'),
    knowsClient: ({ headers, form }) => {
      const basic = /^Basic (.+)$/.exec(headers.authorization ?? '')?.[1];
      const sent =
        basic === undefined
          ? `${form.get('client_id')}:${form.get('client_secret')}`
          : decodeURIComponent(Buffer.from(basic, 'base64').toString());
      return sent === `${client.id}:${client.secret}`;
    },
  };
  const routes = script.routes(world);

  return {
    script,
    origin,
    requests,
    world,
    file: {
      id: script.id,
      ...(redirect(shipped, standIn) as object),
      clients: { default: { id: client.id, secretFile: 'secret' } },
      allowPrivateHosts: [host],
      ...script.own,
    },
    answerNext: (route, ...answers) =>
      void queued.set(route, [...(queued.get(route) ?? []), ...answers]),
    consent(redirectUrl, { subject = 'ada', without = [], values } = {}) {
      const url = new URL(redirectUrl);
      const asked = url.searchParams;
      if (
        `${url.origin}${url.pathname}` !== fill(standIn(endpoints['authorization'] ?? ''), values)
      ) {
        throw new Error(`the browser was sent to ${url.pathname}`);
      }
      const state = asked.get('state') ?? '';
      const error = checkRequest(asked) ?? script.authorize(asked);
      if (error) return new URLSearchParams({ error, state }).toString();
      const code = randomBytes(16).toString('base64url');
      const scopes = script.scopesAsked(asked).filter((scope) => !without.includes(scope));
      const grant: Grant = {
        ...{ subject, scopes, asked, nonce: asked.get('nonce'), ended: false },
        place: url.pathname.slice(1),
        ...{ accessTokens: new Set(), refreshTokens: new Set() },
      };
      codes.set(code, { grant, asked });
      return new URLSearchParams({ code, state }).toString();
    },
    withdraw(subject = 'ada') {
      for (const grant of grants) if (grant.subject === subject) grant.ended = true;
    },
    count: (route) => requests.filter((request) => request.route === route).length,
    close: () => closeServer(server),
  };
}

/** What every one of them documents. */
function checkRequest(asked: URLSearchParams): string | undefined {
  const right =
    asked.get('client_id') === client.id &&
    asked.get('response_type') === 'code' &&
    asked.get('code_challenge_method') === 'S256' &&
    asked.get('redirect_uri')?.startsWith('http');
  return right ? undefined : 'invalid_request';
}

function keep(tokens: Set<string>, prefix: string): string {
  const token = `${prefix}-${randomBytes(24).toString('base64url')}`;
  tokens.add(token);
  return token;
}

/** Every URL in an entry with its host moved here, as an overlay: what has none stays away. */
function redirect(value: unknown, standIn: (url: string) => string, key = ''): unknown {
  if (key === 'sources' || key === 'aliases' || key === 'scopes') return undefined;
  if (typeof value === 'string') return /^https:\/\//.test(value) ? standIn(value) : value;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const moved = Object.entries(value).map(([name, part]) => [name, redirect(part, standIn, name)]);
  return Object.fromEntries(moved.filter(([, part]) => part !== undefined));
}

async function read(incoming: IncomingMessage): Promise<FakeRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks).toString();
  const url = new URL(incoming.url ?? '/', 'http://any');
  const json = incoming.headers['content-type']?.startsWith('application/json') && body !== '';
  return {
    route: `${incoming.method} ${url.pathname.slice(1)}`,
    query: url.searchParams,
    headers: incoming.headers,
    form: new URLSearchParams(json ? (JSON.parse(body) as Record<string, string>) : body),
    bearer: incoming.headers.authorization?.replace(/^Bearer /, '') ?? '',
  };
}
