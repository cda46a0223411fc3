import type { FastifyInstance } from 'fastify';
import type { Configuration, KoaContextWithOIDC } from 'oidc-provider';
import type { DemoContext } from './demo-context.ts';
import { createOidcAdapterFactory } from './oidc-adapter.ts';
import { finishInteraction, mountOidcProvider, oidcCookies, oidcRoutes } from './oidc-mount.ts';
import { problemPage } from './pages/page-layout.ts';
import { personaPage, signInEndedPage } from './pages/sign-in-pages.ts';
import { findPersona, type Persona, personas } from './personas.ts';
import { createRecordStore } from './record-store.ts';

const prefix = 'identity';
/** RFC 8707 wants a URI where the audience of the token is a plain name. */
export const apiResource = 'urn:credential-renewal-api';
export const apiAudience = 'credential-renewal-api';
/** A public client for scripts: `http://127.0.0.1:{any port}/callback`, PKCE, no secret. */
export const scriptClientId = 'demo-script';
const identityScopes = ['openid', 'profile', 'email', 'account'];

export type IdentityProvider = { issuer: string; register(app: FastifyInstance): void };

/**
 * The identity provider of the product. Nobody stays signed in here, so that every sign-in can be as somebody else; a
 * `login_hint` with the id of a persona and without `prompt` skips the page.
 */
export async function createIdentityProvider(context: DemoContext): Promise<IdentityProvider> {
  const { origin, database, clock } = context;
  const { Provider, interactionPolicy } = await import('oidc-provider');
  const issuer = `${origin}/${prefix}`;
  const policy = interactionPolicy.base();
  // The product is the identity provider's own application: nothing to consent to.
  policy.remove('consent');
  const clientSecret = await context.secrets.clientSecret(prefix);
  const provider = new Provider(issuer, {
    ...configuration(context, clientSecret),
    interactions: {
      policy,
      url: (_ctx, interaction) => `${issuer}/interaction/${interaction.uid}`,
    },
    adapter: createOidcAdapterFactory({
      records: createRecordStore({ database, clock, issuer: prefix }),
      clock,
      refreshGraceMs: 0,
    }),
  });

  return {
    issuer,
    register(app) {
      app.register(async (scope: FastifyInstance) => {
        scope.setErrorHandler(async (error, _request, reply) => {
          if ((error as Error).name !== 'SessionNotFound') throw error;
          return reply.code(400).type('text/html').send(signInEndedPage());
        });
        const url = `/${prefix}/interaction/:uid`;
        scope.get(url, async (request, reply) => {
          const { params } = await provider.interactionDetails(request.raw, reply.raw);
          const hinted = findPersona(params.login_hint);
          if (hinted && params.prompt === undefined) {
            return finishInteraction(provider, request, reply, login(hinted));
          }
          return reply.type('text/html').send(personaPage(personas, hinted?.id));
        });
        scope.post(url, async (request, reply) => {
          const persona = findPersona((request.body as Record<string, unknown>)['persona']);
          if (!persona) return reply.redirect(request.url, 303);
          return finishInteraction(provider, request, reply, login(persona));
        });
      });
      mountOidcProvider(app, prefix, provider, { discovery: true, logger: context.logger });
    },
  };
}

function login(persona: Persona) {
  return { login: { accountId: persona.id } };
}

function configuration(
  { gatewayUrl, clientId, secrets }: DemoContext,
  clientSecret: string,
): Configuration {
  return {
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uris: [`${gatewayUrl}/sign-in/callback`],
        grant_types: ['authorization_code'],
        response_types: ['code'],
        token_endpoint_auth_method: 'client_secret_basic',
        id_token_signed_response_alg: 'ES256',
      },
      {
        client_id: scriptClientId,
        application_type: 'native',
        redirect_uris: ['http://127.0.0.1/callback'],
        grant_types: ['authorization_code'],
        response_types: ['code'],
        token_endpoint_auth_method: 'none',
        id_token_signed_response_alg: 'ES256',
      },
    ],
    jwks: { keys: [secrets.signingKey as never] },
    cookies: oidcCookies(prefix, secrets.cookieKeys),
    scopes: identityScopes,
    claims: {
      openid: ['sub'],
      profile: ['name'],
      email: ['email'],
      account: ['account', 'account_name', 'role'],
    },
    // The claims go into the ID token as well, not only into userinfo.
    conformIdTokenClaims: false,
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    responseTypes: ['code'],
    routes: oidcRoutes,
    pkce: { required: () => true },
    issueRefreshToken: async () => false,
    expiresWithSession: async () => false,
    clientBasedCORS: () => false,
    findAccount: (_ctx, id) => {
      const persona = findPersona(id);
      return persona && { accountId: persona.id, claims: () => claimsOf(persona) };
    },
    loadExistingGrant: grantEverything,
    extraTokenClaims: (_ctx, token) => {
      const persona = 'accountId' in token ? findPersona(token.accountId) : undefined;
      return persona && claimsOf(persona);
    },
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: () => ({
          scope: identityScopes.join(' '),
          audience: apiAudience,
          accessTokenFormat: 'jwt',
          accessTokenTTL: 3600,
          jwt: { sign: { alg: 'ES256' } },
        }),
        useGrantedResource: () => true,
      },
    },
    ttl: {
      AccessToken: 3600,
      AuthorizationCode: 60,
      Grant: 86_400,
      IdToken: 3600,
      Interaction: 600,
      Session: 3600,
    },
    renderError: (ctx, out) => {
      ctx.type = 'html';
      ctx.body = problemPage(
        'Signing in cannot go on',
        [out.error, out.error_description].filter(Boolean).join(': '),
      );
    },
  };
}

async function grantEverything(ctx: KoaContextWithOIDC) {
  const { client, account, params, provider } = ctx.oidc;
  if (!client || !account) return undefined;
  const grant = new provider.Grant({ accountId: account.accountId, clientId: client.clientId });
  grant.addOIDCScope(identityScopes.join(' '));
  if (params?.['resource'] !== undefined)
    grant.addResourceScope(apiResource, identityScopes.join(' '));
  await grant.save();
  return grant;
}

function claimsOf(persona: Persona) {
  return {
    sub: persona.id,
    name: persona.name,
    email: persona.email,
    account: persona.account,
    account_name: persona.accountName,
    role: persona.role,
  };
}
