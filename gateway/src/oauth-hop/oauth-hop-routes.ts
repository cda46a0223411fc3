import type { OauthBrokerServiceService } from '@credential-renewal/proto/oauth_broker/v1/oauth_broker';
import type { RpcClient } from '@credential-renewal/rpc';
import { DomainError, type Logger } from '@credential-renewal/runtime';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import {
  CallbackForeignError,
  CallbackSessionRequiredError,
  ResourceNotFoundError,
} from '../errors.ts';
import { createPageErrorHandler } from '../http/page-errors.ts';
import { isId } from '../http/path-ids.ts';
import type { Authenticator } from '../session/authenticate.ts';
import { type ReturnTargets, withParameter } from '../sign-in/return-target.ts';
import type { BrowserBinding } from './browser-binding.ts';

export type OauthHopDeps = {
  broker: Pick<
    RpcClient<typeof OauthBrokerServiceService>,
    'beginAuthorization' | 'completeAuthorization'
  >;
  authenticator: Authenticator;
  binding: BrowserBinding;
  returnTargets: ReturnTargets;
  publicUrl: URL;
  logger: Logger;
};

/** The exchange asks the provider up to three times (token, identity, a second try), each with a timeout of its own. */
const completeDeadlineMs = 30_000;
/** Providers send codes of some kilobytes (JWTs). */
const maxQueryLength = 16_000;

/** Not part of the API, and no HEAD: these change something although they are GET. */
const hidden = { schema: { hide: true }, exposeHeadRoute: false };

/** `/authorize/{id}`, where a browser leaves for the provider, and `/oauth/callback`, where it comes back. */
export function oauthHopRoutes(app: FastifyInstance, deps: OauthHopDeps): void {
  // No URL here may leak: the callback's query holds the code.
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('cache-control', 'no-store').header('referrer-policy', 'no-referrer');
  });
  app.setErrorHandler(
    createPageErrorHandler({
      logger: deps.logger,
      link: { href: '/my-sources', label: 'Back to My sources' },
    }),
  );
  app.get('/authorize/:id', hidden, (request, reply) => leave(request, reply, deps));
  app.get('/oauth/callback', hidden, (request, reply) => comeBack(request, reply, deps));
  // Providers that send no `iss` have a redirect URI each (RFC 9700 section 4.4.2.2).
  app.get('/oauth/callback/:providerId', hidden, (request, reply) =>
    comeBack(request, reply, deps),
  );
}

async function leave(request: FastifyRequest, reply: FastifyReply, deps: OauthHopDeps) {
  const { id } = request.params as { id: string };
  if (!isId(id)) throw new ResourceNotFoundError();
  const caller = await deps.authenticator.session(request, reply);
  if (!caller)
    return reply.redirect(`/sign-in?${new URLSearchParams({ returnTo: `/authorize/${id}` })}`, 303);
  const browserSecret = deps.binding.newSecret();
  const { redirectUrl, state } = await deps.broker.beginAuthorization({
    authorizationId: id,
    userId: caller.user.id,
    browserSecret,
  });
  deps.binding.write(reply, state, browserSecret);
  return reply.redirect(redirectUrl, 303);
}

async function comeBack(request: FastifyRequest, reply: FastifyReply, deps: OauthHopDeps) {
  const { query, state } = readCallback(request.url);
  const browserSecret = deps.binding.read(request, state);
  if (browserSecret === undefined)
    throw new CallbackForeignError(
      'This answer belongs to nothing that this browser has begun, or it was already used. Nothing was changed.',
    );
  const caller = await deps.authenticator.session(request, reply);
  if (!caller) throw new CallbackSessionRequiredError();
  const { providerId } = request.params as { providerId?: string };
  try {
    const { authorization } = await deps.broker.completeAuthorization(
      {
        callbackQuery: query,
        userId: caller.user.id,
        browserSecret,
        redirectProviderId: providerId,
      },
      { deadlineMs: completeDeadlineMs },
    );
    if (!authorization) throw new Error('the broker answered without an authorization');
    deps.binding.clear(reply, state);
    // Checked when it was stored, and again in case the allowed origins have changed since.
    const returnTo = deps.returnTargets.check(authorization.returnTo);
    return reply.redirect(
      withParameter(returnTo, 'authorization', authorization.id, deps.publicUrl),
      303,
    );
  } catch (error) {
    if (isOver(error)) deps.binding.clear(reply, state);
    throw error;
  }
}

/**
 * Otherwise the cookie is kept: while the broker or the provider is away a reload tries again, and when the wrong person is signed
 * in the right one can still finish in this browser.
 */
function isOver(error: unknown): boolean {
  return (
    error instanceof DomainError &&
    ['failed_precondition', 'not_found', 'invalid_argument'].includes(error.kind)
  );
}

/** The query as it came, and its one `state`. */
function readCallback(url: string): { query: string; state: string } {
  const start = url.indexOf('?');
  const query = start === -1 ? '' : url.slice(start + 1);
  const states = query.length > maxQueryLength ? [] : new URLSearchParams(query).getAll('state');
  const [state] = states;
  if (states.length !== 1 || !state)
    throw new CallbackForeignError('This is not an answer to anything that was begun here.');
  return { query, state };
}
