import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { CatalogueEntry } from '../catalogue.ts';
import type { DemoContext } from '../demo-context.ts';
import { createOidcAdapterFactory } from '../oidc-adapter.ts';
import { finishInteraction, mountOidcProvider } from '../oidc-mount.ts';
import { accountPage, consentPage, signInEndedPage } from '../pages/sign-in-pages.ts';
import { createRecordStore } from '../record-store.ts';
import { createTokenEndpoint } from '../token-endpoint.ts';
import { accountFromForm, listFromForm } from './consent-form.ts';
import {
  bearerToken,
  type DemoProvider,
  grantedScopes,
  type ProviderProfile,
  sampleItems,
  subjectOf,
} from './demo-provider.ts';
import { oidcConfiguration } from './oidc-configuration.ts';
import { applyQuirks, type OidcQuirks, serveTokenRequest } from './oidc-quirks.ts';

/** A provider that is an oidc-provider with quirks. */
export async function createOidcDataProvider(
  context: DemoContext,
  profile: ProviderProfile,
  quirks: OidcQuirks,
  catalogueEntry: CatalogueEntry,
): Promise<DemoProvider> {
  const { origin, clock, database, grants, secrets } = context;
  const { Provider: OidcProvider } = await import('oidc-provider');
  const records = createRecordStore({ database, clock, issuer: profile.id });
  const tokenEndpoint = createTokenEndpoint({
    defaultDelayMs: context.slowAnswerMs,
    clientRefused: {
      status: 401,
      headers: { 'content-type': 'application/json' },
      body: '{"error":"invalid_client","error_description":"client authentication failed"}',
    },
  });
  let narrowed: readonly string[] | undefined;

  // oidc-provider's account id is the `sub` it gives out; what people signed in as is kept beside it.
  const accountBehind = (subject: string | undefined): string | undefined => {
    const name = subject && records.find('Account', subject)?.payload['name'];
    return typeof name === 'string' ? name : undefined;
  };

  const provider = new OidcProvider(`${origin}/${profile.id}`, {
    ...oidcConfiguration(profile, quirks, context, await secrets.clientSecret(profile.id)),
    findAccount: (_ctx, subject) => {
      const account = accountBehind(subject);
      return account === undefined
        ? undefined
        : { accountId: subject, claims: () => ({ sub: subject, email: account }) };
    },
    adapter: createOidcAdapterFactory({
      records,
      clock,
      refreshGraceMs: quirks.graceSeconds * 1000,
      onRefreshTokenFound: tokenEndpoint.sawRefreshToken,
    }),
  });
  provider.use((ctx, next) => serveTokenRequest(ctx as KoaContextWithOIDC, next, tokenEndpoint));
  provider.use((ctx, next) => applyQuirks(ctx as KoaContextWithOIDC, next, quirks));
  provider.on('grant.success', (ctx) => {
    const { grantId } = ctx.oidc.entities.AccessToken ?? {};
    if (grantId) grants.touch(grantId);
  });
  provider.on('grant.revoked', (ctx, grantId) => {
    const endedBy = ctx.oidc.route === 'revocation' ? 'revoked' : 'reuse';
    grants.end(grantId, endedBy).catch((err) => {
      context.logger.error({ err }, 'a grant of the demo world could not be marked as ended');
    });
  });

  async function showInteraction(request: FastifyRequest, reply: FastifyReply) {
    const { prompt, params, session } = await provider.interactionDetails(request.raw, reply.raw);
    if (prompt.name === 'login') return accountPage(profile);
    const asked = askedScopes(profile, params.scope);
    const account = accountBehind(session?.accountId) ?? '';
    return consentPage({ profile, account, scopes: asked });
  }

  async function takeAnswer(request: FastifyRequest, reply: FastifyReply) {
    const details = await provider.interactionDetails(request.raw, reply.raw);
    const form = request.body as Record<string, unknown>;
    if (details.prompt.name === 'login') {
      const account = accountFromForm(form['account']);
      if (account === undefined) return reply.redirect(request.url, 303);
      const subject = subjectOf(profile.id, account);
      await records.put('Account', subject, { name: account });
      return finishInteraction(provider, request, reply, { login: { accountId: subject } });
    }
    if (form['decision'] !== 'allow') {
      return finishInteraction(provider, request, reply, {
        error: 'access_denied',
        error_description: 'the person said no',
      });
    }
    const subject = details.session?.accountId ?? '';
    const account = accountBehind(subject) ?? '';
    const asked = askedScopes(profile, details.params.scope).map((scope) => scope.name);
    const ticked = profile.scopesOptional ? listFromForm(form['scope']) : undefined;
    const scopes = grantedScopes(asked, ticked, narrowed);
    const grantId = await saveGrant(provider, {
      subject,
      clientId: String(details.params.client_id),
      granted: scopes,
      refused: asked.filter((scope) => !scopes.includes(scope)),
    });
    await grants.open({ id: grantId, providerId: profile.id, account, scopes });
    return finishInteraction(provider, request, reply, { consent: { grantId } });
  }

  async function accountOf(request: FastifyRequest, reply: FastifyReply) {
    const token = bearerToken(request.headers.authorization);
    const found = token ? await provider.AccessToken.find(token) : undefined;
    if (!found?.grantId) {
      reply.header('www-authenticate', 'Bearer error="invalid_token"');
      await reply.code(401).send({ error: 'invalid_token' });
      return undefined;
    }
    grants.touch(found.grantId);
    return { id: found.accountId, label: accountBehind(found.accountId) ?? '' };
  }

  return {
    profile,
    tokenEndpoint,
    catalogueEntry,
    register(app) {
      app.register(async (scope: FastifyInstance) => {
        scope.setErrorHandler(async (error, _request, reply) => {
          if ((error as Error).name !== 'SessionNotFound') throw error;
          return reply.code(400).type('text/html').send(signInEndedPage());
        });
        const url = `/${profile.id}/interaction/:uid`;
        scope.get(url, async (request, reply) =>
          reply.type('text/html').send(await showInteraction(request, reply)),
        );
        scope.post(url, takeAnswer);
      });
      app.get(`/${profile.id}/api/items`, async (request, reply) => {
        const account = await accountOf(request, reply);
        return account ? { items: sampleItems(profile.name) } : reply;
      });
      const { identityCall } = quirks;
      if (identityCall) {
        app.get(`/${profile.id}${identityCall.path}`, async (request, reply) => {
          const account = await accountOf(request, reply);
          return account ? identityCall.answer(account) : reply;
        });
      }
      mountOidcProvider(app, profile.id, provider, {
        discovery: quirks.discovery,
        logger: context.logger,
      });
    },
    async withdraw(grantId, reason) {
      await records.destroyGrant(grantId);
      await grants.end(grantId, reason);
    },
    expireAccessTokens: () => records.destroyAll('AccessToken'),
    expireRefreshTokens: () => records.destroyAll('RefreshToken'),
    narrowedScopes: () => narrowed,
    narrowScopes(scopes) {
      narrowed = scopes;
    },
  };
}

async function saveGrant(
  provider: Provider,
  given: { subject: string; clientId: string; granted: string[]; refused: string[] },
): Promise<string> {
  const grant = new provider.Grant({ accountId: given.subject, clientId: given.clientId });
  grant.addOIDCScope(['openid', ...given.granted].join(' '));
  if (given.refused.length > 0) grant.rejectOIDCScope(given.refused.join(' '));
  return grant.save();
}

function askedScopes(profile: ProviderProfile, scope: unknown) {
  const asked = String(scope ?? '').split(' ');
  return profile.scopes.filter(({ name }) => asked.includes(name));
}
