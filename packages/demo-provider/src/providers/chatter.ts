import { createHash, randomBytes } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { CatalogueEntry } from '../catalogue.ts';
import type { DemoContext } from '../demo-context.ts';
import { createRecordStore } from '../record-store.ts';
import { createTokenEndpoint } from '../token-endpoint.ts';
import { createChatterAuthorization } from './chatter-authorization.ts';
import { chatterProfile } from './chatter-profile.ts';
import { bearerToken, type DemoProvider, sampleItems, subjectOf } from './demo-provider.ts';

const { id } = chatterProfile;
const codeLifetimeMs = 60_000;
type Form = Record<string, unknown>;

/**
 * Chatter Enterprise, written by hand because it is no OAuth server by the book: errors inside a 200, comma-separated
 * scopes, tokens without end, like Slack without token rotation (https://docs.slack.dev/authentication/installing-with-oauth).
 */
export async function createChatter(context: DemoContext): Promise<DemoProvider> {
  const { clock, database, grants } = context;
  const records = createRecordStore({ database, clock, issuer: id });
  const clientSecret = await context.secrets.clientSecret(id);
  const tokenEndpoint = createTokenEndpoint({
    defaultDelayMs: context.slowAnswerMs,
    clientRefused: {
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: '{"ok":false,"error":"bad_client_secret"}',
    },
  });
  let narrowed: readonly string[] | undefined;
  const redirectUri = `${context.gatewayUrl}/oauth/callback/${id}`;
  const authorization = createChatterAuthorization({
    records,
    clientId: context.clientId,
    redirectUri,
    narrowedScopes: () => narrowed,
    codeLifetimeMs,
  });

  async function exchange(request: FastifyRequest): Promise<object> {
    const form = (request.body ?? {}) as Form;
    const client = clientOf(request);
    if (client.id !== context.clientId) return refused('invalid_client_id');
    if (client.secret !== clientSecret) return refused('bad_client_secret');
    if (form['grant_type'] === 'refresh_token') return refused('invalid_refresh_token');
    const code = String(form['code'] ?? '');
    const found = records.find('AuthorizationCode', code);
    if (!found || !(await records.consume('AuthorizationCode', code)))
      return refused('invalid_code');
    const { account, scopes, challenge } = found.payload as {
      account: string;
      scopes: string[];
      challenge: string;
    };
    if (form['redirect_uri'] !== redirectUri) return refused('bad_redirect_uri');
    const verifier = createHash('sha256').update(String(form['code_verifier'] ?? ''));
    if (verifier.digest('base64url') !== challenge) return refused('invalid_code_verifier');
    const grantId = randomBytes(16).toString('base64url');
    const token = `chat-${randomBytes(32).toString('base64url')}`;
    await grants.open({ id: grantId, providerId: id, account, scopes });
    await records.put('AccessToken', token, { grantId, account, scopes });
    return {
      ok: true,
      access_token: token,
      token_type: 'Bearer',
      scope: scopes.join(','),
      team: { id: teamId(account), name: account },
    };
  }

  async function answerTokenRequest(request: FastifyRequest, reply: FastifyReply) {
    await tokenEndpoint.serve(async ({ mode, earlyAnswer, delay }) => {
      tokenEndpoint.countRequest((request.body as Form | undefined)?.['grant_type']);
      if (earlyAnswer) {
        return reply.code(earlyAnswer.status).headers(earlyAnswer.headers).send(earlyAnswer.body);
      }
      const answer = await exchange(request);
      await delay();
      if (mode !== 'cut') return reply.send(answer);
      reply.hijack();
      request.raw.socket.destroy();
      return reply;
    });
    return reply;
  }

  /** Who the token speaks for, or the error Chatter gives instead. */
  function authenticate(request: FastifyRequest): { account: string } | { error: string } {
    const token = bearerToken(request.headers.authorization);
    if (!token) return { error: 'not_authed' };
    const record = records.find('AccessToken', token);
    if (!record) return { error: 'invalid_auth' };
    const grant = grants.find(String(record.payload['grantId']));
    if (!grant || grant.endedBy !== undefined) return { error: chatterError(grant?.endedBy) };
    grants.touch(grant.id);
    return { account: grant.account };
  }

  async function revoke(request: FastifyRequest): Promise<object> {
    tokenEndpoint.countRevocation();
    const token =
      ((request.body ?? {}) as Form)['token'] ?? bearerToken(request.headers.authorization);
    const record = records.find('AccessToken', String(token));
    const grant = record && grants.find(String(record.payload['grantId']));
    if (!grant || grant.endedAtMs !== undefined) return { ok: true, revoked: false };
    await grants.end(grant.id, 'revoked');
    return { ok: true, revoked: true };
  }

  return {
    profile: chatterProfile,
    tokenEndpoint,
    catalogueEntry: catalogueEntry(context),
    register(app: FastifyInstance) {
      authorization.register(app);
      app.post(`/${id}/api/oauth.access`, answerTokenRequest);
      app.post(`/${id}/api/auth.revoke`, revoke);
      app.get(`/${id}/api/auth.test`, async (request) => {
        const who = authenticate(request);
        if ('error' in who) return refused(who.error);
        return { ok: true, team_id: teamId(who.account), team: who.account };
      });
      app.get(`/${id}/api/items`, async (request) => {
        const who = authenticate(request);
        if ('error' in who) return refused(who.error);
        return { ok: true, items: sampleItems(chatterProfile.name) };
      });
    },
    // The token stays known, so that Chatter can go on saying why it refuses it.
    withdraw: (grantId, reason) =>
      grants.end(grantId, reason === 'withdrawn' ? 'token_revoked' : reason),
    expireAccessTokens: async () => undefined,
    expireRefreshTokens: async () => undefined,
    narrowedScopes: () => narrowed,
    narrowScopes(scopes) {
      narrowed = scopes;
    },
  };
}

function refused(error: string) {
  return { ok: false, error };
}

/** Revoked by the product itself or withdrawn by somebody: Chatter says the same. */
function chatterError(endedBy: string | undefined): string {
  return endedBy === 'account_inactive' || endedBy === 'authorization_not_found'
    ? endedBy
    : 'token_revoked';
}

function teamId(account: string): string {
  return `T${subjectOf(id, account).slice(0, 10).toUpperCase()}`;
}

function clientOf(request: FastifyRequest): { id: unknown; secret: unknown } {
  const basic = request.headers.authorization?.match(/^Basic (.+)$/i)?.[1];
  if (!basic) {
    const form = (request.body ?? {}) as Form;
    return { id: form['client_id'], secret: form['client_secret'] };
  }
  const [name = '', secret = ''] = Buffer.from(basic, 'base64').toString().split(':');
  // RFC 6749 section 2.3.1: both parts are form-encoded before they are joined.
  const decode = (text: string) => new URLSearchParams(`v=${text}`).get('v');
  return { id: decode(name), secret: decode(secret) };
}

function catalogueEntry({ origin, clientId, secrets }: DemoContext): CatalogueEntry {
  const base = `${origin}/${id}`;
  return {
    id,
    name: chatterProfile.name,
    issuer: base,
    endpoints: {
      authorization: `${base}/oauth/authorize`,
      token: `${base}/api/oauth.access`,
      revocation: `${base}/api/auth.revoke`,
    },
    clients: {
      default: {
        id: clientId,
        secretFile: secrets.clientSecretFile(id),
        authentication: 'client_secret_post',
      },
    },
    issuerParameter: false,
    scopes: { separator: 'comma' },
    accessToken: { lifetimeSeconds: 'none' },
    identity: { kind: 'tenant', call: `${base}/api/auth.test`, key: '/team_id', label: '/team' },
    errors: { inside200: { ok: '/ok', error: '/error' } },
    verdicts: [
      { error: 'token_revoked', class: 'dead' },
      { error: 'account_inactive', class: 'dead', reason: 'admin_blocked' },
      { error: 'authorization_not_found', class: 'dead' },
    ],
    allowPrivateHosts: [new URL(origin).host],
    connectors: {
      'chatter-enterprise': {
        name: 'Chatter Enterprise',
        kind: 'enterprise',
        scopes: ['channels:read', 'files:read'],
      },
    },
  };
}
