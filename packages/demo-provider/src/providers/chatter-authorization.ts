import { randomBytes } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { problemPage } from '../pages/page-layout.ts';
import { accountPage, consentPage, signInEndedPage } from '../pages/sign-in-pages.ts';
import type { RecordStore } from '../record-store.ts';
import { chatterProfile } from './chatter-profile.ts';
import { accountFromForm } from './consent-form.ts';
import { grantedScopes } from './demo-provider.ts';

const interactionLifetimeMs = 600_000;
const cookieName = 'chatter_interaction';

type Interaction = { state: string; scopes: string[]; challenge: string; account?: string };

/** The part of Chatter that people see: choose a workspace, consent, go back with a code. */
export function createChatterAuthorization(options: {
  records: RecordStore;
  clientId: string;
  redirectUri: string;
  narrowedScopes: () => readonly string[] | undefined;
  codeLifetimeMs: number;
}): { register(app: FastifyInstance): void } {
  const { records, redirectUri } = options;

  async function begin(request: FastifyRequest, reply: FastifyReply) {
    const query = request.query as Record<string, string | undefined>;
    // Whoever asks cannot be trusted with an answer until client and redirect URI are right (RFC 6749 section 4.1.2.1).
    if (query['client_id'] !== options.clientId || query['redirect_uri'] !== redirectUri) {
      const text = 'The client or its redirect URI is not known here.';
      return reply
        .code(400)
        .type('text/html')
        .send(problemPage('Chatter Enterprise cannot go on', text));
    }
    const state = query['state'] ?? '';
    const challenge = query['code_challenge'] ?? '';
    if (query['code_challenge_method'] !== 'S256' || !/^[\w-]{43}$/.test(challenge)) {
      return goBack(reply, { error: 'invalid_request', state });
    }
    const asked = (query['scope'] ?? '').split(/[,\s]+/);
    const scopes = chatterProfile.scopes.map(({ name }) => name).filter((s) => asked.includes(s));
    if (scopes.length === 0) return goBack(reply, { error: 'invalid_scope', state });
    const uid = randomBytes(16).toString('base64url');
    await save(uid, { state, scopes, challenge });
    const path = `/chatter/interaction/${uid}`;
    reply.header(
      'set-cookie',
      `${cookieName}=${uid}; path=${path}; max-age=${interactionLifetimeMs / 1000}; httponly; samesite=lax`,
    );
    return reply.redirect(path, 303);
  }

  async function show(request: FastifyRequest, reply: FastifyReply) {
    const found = load(request);
    if (!found) return reply.code(400).type('text/html').send(signInEndedPage());
    const { account, scopes } = found.interaction;
    reply.type('text/html');
    if (account === undefined) return accountPage(chatterProfile);
    return consentPage({
      profile: chatterProfile,
      account,
      scopes: chatterProfile.scopes.filter(({ name }) => scopes.includes(name)),
    });
  }

  async function take(request: FastifyRequest, reply: FastifyReply) {
    const found = load(request);
    if (!found) return reply.code(400).type('text/html').send(signInEndedPage());
    const { uid, interaction } = found;
    const form = request.body as Record<string, unknown>;
    if (interaction.account === undefined) {
      const account = accountFromForm(form['account']);
      if (account !== undefined) await save(uid, { ...interaction, account });
      return reply.redirect(request.url, 303);
    }
    await records.destroy('Interaction', uid);
    const { state, challenge, account } = interaction;
    const scopes = grantedScopes(interaction.scopes, undefined, options.narrowedScopes());
    if (form['decision'] !== 'allow' || scopes.length === 0) {
      return goBack(reply, { error: 'access_denied', state });
    }
    const code = randomBytes(32).toString('base64url');
    const payload = { account, scopes, challenge };
    await records.put('AuthorizationCode', code, payload, options.codeLifetimeMs);
    return goBack(reply, { code, state });
  }

  function save(uid: string, interaction: Interaction): Promise<void> {
    return records.put('Interaction', uid, interaction, interactionLifetimeMs);
  }

  function load(request: FastifyRequest): { uid: string; interaction: Interaction } | undefined {
    const { uid } = request.params as { uid: string };
    const cookies = (request.headers.cookie ?? '').split(/; */);
    if (!cookies.includes(`${cookieName}=${uid}`)) return undefined;
    const record = records.find('Interaction', uid);
    return record && { uid, interaction: record.payload as Interaction };
  }

  function goBack(reply: FastifyReply, parameters: Record<string, string>) {
    const url = new URL(redirectUri);
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    return reply.redirect(url.href, 303);
  }

  return {
    register(app) {
      app.get('/chatter/oauth/authorize', begin);
      app.get('/chatter/interaction/:uid', show);
      app.post('/chatter/interaction/:uid', take);
    },
  };
}
