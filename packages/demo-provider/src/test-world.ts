import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger, createShiftableClock } from '@credential-renewal/runtime';
import type { CatalogueEntry } from './catalogue.ts';
import { createDemoWorld, type DemoWorldOptions } from './demo-world.ts';
import type { DemoMailWithBodies } from './mailbox.ts';
import { answerProviderPages, type ProviderAnswers } from './visitor/answer-pages.ts';
import { browse } from './visitor/browse.ts';
import { createCookieJar } from './visitor/cookie-jar.ts';

export const gatewayUrl = 'http://gateway.example';

/** A demo world on a free port with its own directory, for the tests of this package. */
export async function startTestWorld(changes: Partial<DemoWorldOptions> = {}) {
  const dataDir = changes.dataDir ?? (await mkdtemp(join(tmpdir(), 'demo-world-')));
  const clock = createShiftableClock();
  const mails: DemoMailWithBodies[] = [];
  const workerPauses: boolean[] = [];
  const world = createDemoWorld({
    host: '127.0.0.1',
    port: 0,
    gatewayUrl,
    dataDir,
    logger: createLogger({ service: 'demo', level: 'fatal' }),
    clock,
    advanceClock: (ms) => clock.advance(ms),
    mailbox: {
      list: async ({ to }) => mails.filter((mail) => to === undefined || mail.to === to),
      get: async (id) => mails.find((mail) => mail.id === id),
    },
    setWorkerPaused: (paused) => workerPauses.push(paused),
    ...changes,
  });
  await world.start();
  const catalogueDir = join(dataDir, 'catalogue');
  await world.writeCatalogue(catalogueDir);

  async function control<T>(path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${world.origin}/control${path}`, {
      ...(body === undefined
        ? {}
        : {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify(body),
          }),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  return {
    world,
    dataDir,
    clock,
    mails,
    workerPauses,
    control,
    client: async (providerId: string) => {
      const text = await readFile(join(catalogueDir, `${providerId}.yaml`), 'utf8');
      return createTestClient(JSON.parse(text) as CatalogueEntry);
    },
    async stop() {
      await world.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

export type TestClient = Awaited<ReturnType<typeof createTestClient>>;

/** What the broker will do, with bare requests: authorize, exchange, refresh, revoke, identify. */
async function createTestClient(entry: CatalogueEntry) {
  const secret = await readFile(entry.clients.default.secretFile, 'utf8');
  const found = entry.endpoints ?? (await discover(entry.issuer));
  const redirectUri = `${gatewayUrl}/oauth/callback${entry.issuerParameter ? '' : `/${entry.id}`}`;
  const separator = entry.scopes?.separator === 'comma' ? ',' : ' ';
  const scopes = [
    ...(entry.scopes?.always ?? []),
    ...(Object.values(entry.connectors)[0]?.scopes ?? []),
  ];

  async function post(url: string, form: Record<string, string>): Promise<Response> {
    const body = new URLSearchParams(form);
    const headers: Record<string, string> = {};
    if (entry.clients.default.authentication === 'client_secret_basic') {
      const pair = `${encodeURIComponent(entry.clients.default.id)}:${encodeURIComponent(secret)}`;
      headers['authorization'] = `Basic ${Buffer.from(pair).toString('base64')}`;
    } else {
      body.set('client_id', entry.clients.default.id);
      body.set('client_secret', secret);
    }
    return fetch(url, { method: 'POST', headers, body });
  }

  /** Answers with the parameters of the callback and the verifier to exchange its code with. */
  async function authorize(answers: ProviderAnswers, extra: Record<string, string> = {}) {
    const verifier = randomBytes(32).toString('base64url');
    const url = new URL(found.authorization);
    const parameters: Record<string, string | undefined> = {
      client_id: entry.clients.default.id,
      response_type: 'code',
      redirect_uri: redirectUri,
      scope: scopes.join(separator),
      state: 'some-state',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
      ...extra,
    };
    for (const [name, value] of Object.entries(parameters)) {
      if (value !== '') url.searchParams.set(name, value ?? '');
    }
    const jar = createCookieJar();
    const arrived = (next: URL) => next.origin === gatewayUrl;
    const first = await browse(jar, url, { arrived });
    const end = await answerProviderPages(jar, first, answers, arrived);
    return { url: end.url, parameters: end.url.searchParams, verifier, status: end.status };
  }

  const exchange = (code: string, verifier: string) =>
    post(found.token, {
      grant_type: 'authorization_code',
      code,
      redirect_uri: redirectUri,
      code_verifier: verifier,
    });

  return {
    entry,
    authorize,
    exchange,
    refresh: (token: string) =>
      post(found.token, { grant_type: 'refresh_token', refresh_token: token }),
    revoke: (token: string) => post(found.revocation ?? '', { token }),
    /** A whole first authorization. */
    async connect(answers: ProviderAnswers): Promise<TokenAnswer> {
      const { parameters, verifier, url } = await authorize(answers);
      const code = parameters.get('code');
      if (!code) throw new Error(`no code: ${url.pathname}`);
      return tokens(await exchange(code, verifier));
    },
    async identify(token: string) {
      const { call } = entry.identity;
      const url = call === 'userinfo' ? (found.userinfo ?? '') : call;
      return fetch(url, { headers: { authorization: `Bearer ${token}` } });
    },
    items: (token: string) =>
      fetch(`${entry.issuer}/api/items`, { headers: { authorization: `Bearer ${token}` } }),
  };
}

export type TokenAnswer = {
  access_token: string;
  refresh_token: string;
  expires_in?: number;
  scope?: string;
  ok?: boolean;
  error?: string;
};

export async function tokens(response: Response): Promise<TokenAnswer> {
  return (await response.json()) as TokenAnswer;
}

async function discover(issuer: string) {
  const response = await fetch(`${issuer}/.well-known/openid-configuration`);
  const metadata = (await response.json()) as Record<string, string>;
  return {
    authorization: metadata['authorization_endpoint'] ?? '',
    token: metadata['token_endpoint'] ?? '',
    revocation: metadata['revocation_endpoint'],
    userinfo: metadata['userinfo_endpoint'],
  };
}
