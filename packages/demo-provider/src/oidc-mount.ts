import type { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '@credential-renewal/runtime';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Provider } from 'oidc-provider';

export const oidcRoutes = {
  authorization: '/oauth/authorize',
  token: '/oauth/token',
  revocation: '/oauth/revoke',
  userinfo: '/oauth/userinfo',
  jwks: '/oauth/jwks',
};

/**
 * Serves an oidc-provider below `/{prefix}`; more specific routes of the application win. With `discovery` off its
 * metadata is not found.
 */
export function mountOidcProvider(
  app: FastifyInstance,
  prefix: string,
  provider: Provider,
  { discovery, logger }: { discovery: boolean; logger: Logger },
): void {
  // Koa prints errors unless somebody listens.
  (provider as EventEmitter).on('error', (err) => {
    logger.error({ err, provider: prefix }, 'a provider of the demo world failed to answer');
  });
  const callback = provider.callback();
  app.route({
    method: ['GET', 'POST', 'OPTIONS'],
    url: `/${prefix}/*`,
    // Before Fastify reads the body: oidc-provider parses it by itself.
    onRequest: async (request, reply) => {
      const path = (request.raw.url ?? '').slice(prefix.length + 1);
      if (!discovery && path.startsWith('/.well-known/')) return reply.callNotFound();
      reply.hijack();
      if (path.startsWith(`${oidcRoutes.authorization}?`))
        forgetSession(request.raw, reply.raw, prefix);
      // As Express mounts: oidc-provider finds its prefix by comparing the two.
      Object.assign(request.raw, { originalUrl: request.raw.url, url: path });
      await callback(request.raw, reply.raw);
    },
    handler: () => undefined,
  });
}

/**
 * Every authorization begins as nobody: the demo world always asks who one is, and a remembered account would make
 * oidc-provider insist on a sign-out form before another one can be chosen.
 */
function forgetSession(request: IncomingMessage, response: ServerResponse, prefix: string): void {
  const cookies = (request.headers.cookie ?? '').split(/; */).filter(Boolean);
  const session = sessionCookie(prefix);
  const stale = cookies.filter((cookie) => cookie.startsWith(session));
  if (stale.length === 0) return;
  request.headers.cookie = cookies.filter((cookie) => !stale.includes(cookie)).join('; ');
  response.setHeader(
    'set-cookie',
    stale.map((cookie) => `${cookie.split('=')[0]}=; path=/${prefix}; max-age=0; httponly`),
  );
}

const sessionCookie = (prefix: string) => `${prefix}_session`;

/** Cookie settings; names and paths are per provider because they share one host (and browsers ignore ports). */
export function oidcCookies(prefix: string, keys: string[]) {
  return {
    keys,
    names: {
      session: sessionCookie(prefix),
      interaction: `${prefix}_interaction`,
      resume: `${prefix}_resume`,
    },
    long: { path: `/${prefix}`, httpOnly: true, sameSite: 'lax' as const },
    short: { httpOnly: true, sameSite: 'lax' as const },
  };
}

/** Sends the browser back into oidc-provider with what the person decided. */
export async function finishInteraction(
  provider: Provider,
  request: FastifyRequest,
  reply: FastifyReply,
  result: Record<string, unknown>,
): Promise<FastifyReply> {
  const location = await provider.interactionResult(request.raw, reply.raw, result, {
    mergeWithLastSubmission: !('error' in result),
  });
  return reply.redirect(location, 303);
}
