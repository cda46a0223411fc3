import type { SourceRegistryServiceService } from '@credential-renewal/proto/source_registry/v1/source_registry';
import type { RpcClient } from '@credential-renewal/rpc';
import type { Logger } from '@credential-renewal/runtime';
import type { CookieSerializeOptions } from '@fastify/cookie';
import type { FastifyInstance } from 'fastify';
import type { GatewayConfig } from '../config.ts';
import { CrossSiteRequestError, SignInFailedError } from '../errors.ts';
import { createPageErrorHandler } from '../http/page-errors.ts';
import { mayChange } from '../session/same-origin.ts';
import type { SessionCookie } from '../session/session-cookie.ts';
import { readIdentity } from './identity.ts';
import type { IdentityProvider } from './identity-provider.ts';
import type { ReturnTargets } from './return-target.ts';
import type { SignInCookie } from './sign-in-cookie.ts';

export type SignInDeps = {
  identityProvider: IdentityProvider;
  claims: GatewayConfig['identityProvider'];
  publicUrl: URL;
  registry: Pick<RpcClient<typeof SourceRegistryServiceService>, 'signInUser'>;
  sessionCookie: SessionCookie;
  signInCookie: SignInCookie;
  returnTargets: ReturnTargets;
  logger: Logger;
};

/** Remembers that somebody signed out on purpose, so that the identity provider does not sign them in again unasked. */
const signedOutCookie = 'signed-out';

/** Not part of the API, and no HEAD: these change something although they are GET. */
const hidden = { schema: { hide: true }, exposeHeadRoute: false };

/** `/sign-in`, `/sign-in/callback` and `/sign-out`. */
export function signInRoutes(app: FastifyInstance, deps: SignInDeps): void {
  const signedOutAttributes: CookieSerializeOptions = {
    httpOnly: true,
    secure: deps.publicUrl.protocol === 'https:',
    sameSite: 'lax',
    path: '/sign-in',
  };
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('cache-control', 'no-store').header('referrer-policy', 'no-referrer');
  });
  app.setErrorHandler(
    createPageErrorHandler({
      logger: deps.logger,
      link: { href: '/sign-in?returnTo=%2Fmy-sources', label: 'Sign in' },
    }),
  );

  app.get('/sign-in', hidden, async (request, reply) => {
    const asked = (request.query as Record<string, unknown>)['returnTo'] ?? '/my-sources';
    const returnTo = deps.returnTargets.check(String(asked));
    const forceLogin = request.cookies[signedOutCookie] !== undefined;
    const { url, secrets } = await deps.identityProvider.begin({ forceLogin });
    await deps.signInCookie.write(reply, { ...secrets, returnTo });
    return reply.redirect(url.href, 303);
  });

  app.get('/sign-in/callback', hidden, async (request, reply) => {
    const { state } = request.query as Record<string, unknown>;
    const transaction =
      typeof state === 'string' ? await deps.signInCookie.read(request, state) : undefined;
    if (!transaction)
      throw new SignInFailedError(
        'This answer belongs to no sign-in of this browser, or it came too late. Sign in again.',
      );
    deps.signInCookie.clear(reply, transaction.state);
    const claims = await deps.identityProvider.complete(
      new URL(request.url, deps.publicUrl),
      transaction,
    );
    const { user } = await deps.registry.signInUser(
      readIdentity(claims, String(claims['iss']), deps.claims),
    );
    if (!user) throw new Error('the registry answered without a user');
    await deps.sessionCookie.write(reply, user.id);
    reply.clearCookie(signedOutCookie, signedOutAttributes);
    return reply.redirect(transaction.returnTo, 303);
  });

  app.post('/sign-out', { schema: { hide: true } }, async (request, reply) => {
    if (!mayChange(request.method, request.headers, deps.publicUrl))
      throw new CrossSiteRequestError();
    deps.sessionCookie.clear(reply);
    reply.setCookie(signedOutCookie, '1', { ...signedOutAttributes, maxAge: 24 * 60 * 60 });
    // A form wants a page, the pages' script only wants to know that it is done.
    const wantsPage = request.headers.accept?.includes('text/html') ?? false;
    return wantsPage ? reply.redirect('/', 303) : reply.code(204).send();
  });
}
