import { randomBytes } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type Grant = {
  id: string;
  living: string;
  /** The token before the living one, and until when it is still honoured. */
  spent: { token: string; honouredUntilMs: number } | undefined;
  /** A spent token was used again outside the grace: everything of the grant is dead. */
  killed: boolean;
  inUse: number;
};

export type RotatingProvider = {
  origin: string;
  newGrant(): { id: string; refreshToken: string };
  /** The person has authorized once more, and the provider keeps one grant of each person: its token so far is spent. */
  renewGrant(id: string): { id: string; refreshToken: string };
  /** Whether this refresh token would be honoured now. */
  honours(refreshToken: string): boolean;
  /** Grants that died because a spent token came again. */
  killed(): string[];
  /** How often one grant was asked for a second refresh while the first still ran. */
  overlaps(): number;
  tokenRequests(): number;
  /** The grants of the token requests, in the order in which these came. */
  asked(): readonly string[];
  /** The most token requests that were under way at once. */
  mostAtOnce(): number;
  /** How long token requests were under way here, added up. */
  underWayMs(): number;
  /** Whether an API would take this access token now. */
  accepts(accessToken: string): boolean;
  /** The identity call: whose the token is, unless this answers otherwise. */
  answerIdentity: ((response: ServerResponse) => void) | undefined;
  /** The access tokens of the identity calls, in their order. */
  identified(): readonly string[];
  /** Called after the rotation, before the answer; what it waits for holds the answer back. */
  beforeAnswer: ((grantId: string, response: ServerResponse) => Promise<void>) | undefined;
  stop(): Promise<void>;
};

/**
 * An authorization server with single-use refresh tokens that kills a whole grant when a spent one is used again, except for
 * `graceMs` after its rotation, in which the same successor is answered once more (as Atlassian's leeway works).
 */
export async function startRotatingProvider(options: {
  nowMs: () => number;
  graceMs: number;
  expiresInSeconds: number;
  /** Outside the grace. */
  spentTokens: 'kill' | 'are_refused';
}): Promise<RotatingProvider> {
  const { nowMs, graceMs, expiresInSeconds, spentTokens } = options;
  const grants = new Map<string, Grant>();
  const byToken = new Map<string, Grant>();
  const accessTokens = new Map<string, { grant: Grant; endsMs: number }>();
  const asked: string[] = [];
  const identified: string[] = [];
  let overlaps = 0;
  let underWay = 0;
  let mostAtOnce = 0;
  let underWayMs = 0;

  function issue(grant: Grant): void {
    const token = `${grant.id}-${randomBytes(12).toString('base64url')}`;
    if (grant.living !== '') {
      grant.spent = { token: grant.living, honouredUntilMs: nowMs() + graceMs };
    }
    grant.living = token;
    byToken.set(token, grant);
  }

  /** Undefined: refused. */
  function use(token: string): Grant | undefined {
    const grant = byToken.get(token);
    if (!grant || grant.killed) return undefined;
    if (token === grant.living) {
      issue(grant);
      return grant;
    }
    if (token === grant.spent?.token && nowMs() < grant.spent.honouredUntilMs) return grant;
    grant.killed = spentTokens === 'kill';
    return undefined;
  }

  async function answer(form: URLSearchParams, response: ServerResponse): Promise<void> {
    const token = form.get('refresh_token') ?? '';
    const known = byToken.get(token);
    const cameMs = performance.now();
    asked.push(known?.id ?? 'nobody');
    mostAtOnce = Math.max(mostAtOnce, ++underWay);
    if (known && known.inUse > 0) overlaps++;
    if (known) known.inUse++;
    try {
      const grant = use(token);
      if (!grant) return send(response, 400, { error: 'invalid_grant' });
      await provider.beforeAnswer?.(grant.id, response);
      if (response.destroyed) return;
      const accessToken = `at-${randomBytes(12).toString('base64url')}`;
      accessTokens.set(accessToken, { grant, endsMs: nowMs() + expiresInSeconds * 1_000 });
      send(response, 200, {
        access_token: accessToken,
        token_type: 'Bearer',
        expires_in: expiresInSeconds,
        refresh_token: grant.living,
      });
    } finally {
      underWay--;
      underWayMs += performance.now() - cameMs;
      if (known) known.inUse--;
    }
  }

  function identify(authorization: string, response: ServerResponse): void {
    const token = authorization.replace('Bearer ', '');
    identified.push(token);
    if (provider.answerIdentity) provider.answerIdentity(response);
    else if (!provider.accepts(token)) send(response, 401, { error: 'invalid_token' });
    else send(response, 200, { id: accessTokens.get(token)?.grant.id, email: 'a@b.example' });
  }

  const server = createServer((request, response) => {
    if (request.url === '/me') return identify(request.headers.authorization ?? '', response);
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => void answer(new URLSearchParams(body), response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  const provider: RotatingProvider = {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    newGrant() {
      const grant: Grant = {
        ...{ id: `grant-${grants.size}`, living: '', spent: undefined, killed: false, inUse: 0 },
      };
      grants.set(grant.id, grant);
      issue(grant);
      return { id: grant.id, refreshToken: grant.living };
    },
    renewGrant(id) {
      const grant = grants.get(id);
      if (!grant) throw new Error(`there is no ${id}`);
      issue(grant);
      return { id, refreshToken: grant.living };
    },
    honours(refreshToken) {
      const grant = byToken.get(refreshToken);
      if (!grant || grant.killed) return false;
      return (
        refreshToken === grant.living ||
        (refreshToken === grant.spent?.token && nowMs() < grant.spent.honouredUntilMs)
      );
    },
    killed: () => [...grants.values()].filter(({ killed }) => killed).map(({ id }) => id),
    overlaps: () => overlaps,
    tokenRequests: () => asked.length,
    asked: () => asked,
    identified: () => identified,
    answerIdentity: undefined,
    mostAtOnce: () => mostAtOnce,
    underWayMs: () => underWayMs,
    accepts(accessToken) {
      const found = accessTokens.get(accessToken);
      return found !== undefined && !found.grant.killed && nowMs() < found.endsMs;
    },
    beforeAnswer: undefined,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return provider;
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
