import type { NotificationPreferencesServiceService } from '@credential-renewal/proto/notification/v1/preferences';
import type { RpcClient } from '@credential-renewal/rpc';
import { type Clock, DomainError, type Logger } from '@credential-renewal/runtime';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { UnsubscribeFormInvalidError, UnsubscribeTokenUnknownError } from '../errors.ts';
import { type PageContent, sendPage } from '../http/page.ts';
import { createPageErrorHandler } from '../http/page-errors.ts';
import { problemOf } from '../http/problem.ts';
import { sendProblem } from '../http/problem-handlers.ts';
import { saysOneClick } from './one-click.ts';
import { createRateBound } from './rate-bound.ts';

export type UnsubscribeDeps = {
  preferences: Pick<
    RpcClient<typeof NotificationPreferencesServiceService>,
    'describeUnsubscribe' | 'unsubscribe'
  >;
  clock: Clock;
  logger: Logger;
};

/** Guessing a token, and floods, cost notification no more than this. */
const perSecond = 20;
const burst = 100;
const maxTokenLength = 1_000;
/** The form is a line; a larger body is none of it. */
const maxBodyBytes = 4_096;

const settingsLink = { href: '/notification-settings', label: 'Notification settings' };
const hidden = { schema: { hide: true } };

/**
 * RFC 8058: the link of a reminder. It works without sign-in, cookie or page of ours, since a mail provider posts it; all that it can do is turn
 * the reminders of one person off. Reading it changes nothing: scanners of mail follow every link.
 */
export function unsubscribeRoutes(app: FastifyInstance, deps: UnsubscribeDeps): void {
  const bound = createRateBound({ clock: deps.clock, perSecond, burst });
  const sendErrorPage = createPageErrorHandler({ logger: deps.logger, link: settingsLink });
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('cache-control', 'no-store').header('referrer-policy', 'no-referrer');
    bound.take();
  });
  app.setErrorHandler((error, request, reply) =>
    wantsPage(request)
      ? sendErrorPage(error, request, reply)
      : sendProblem(reply, answerTo(error, deps.logger)),
  );
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));

  app.get('/unsubscribe', hidden, async (request, reply) => {
    const token = tokenOf(request);
    const { maskedAddress, alreadyOff } = await deps.preferences
      .describeUnsubscribe({ token })
      .catch(asUnknown);
    const page = alreadyOff ? offPage(maskedAddress) : askingPage(maskedAddress, token);
    return sendPage(reply, page);
  });

  app.post('/unsubscribe', { ...hidden, bodyLimit: maxBodyBytes }, async (request, reply) => {
    const token = tokenOf(request);
    if (!saysOneClick(request.headers['content-type'], request.body))
      throw new UnsubscribeFormInvalidError();
    const { maskedAddress } = await deps.preferences.unsubscribe({ token }).catch(asUnknown);
    return wantsPage(request) ? sendPage(reply, offPage(maskedAddress)) : sendNothing(reply);
  });
}

function askingPage(maskedAddress: string, token: string): PageContent {
  return {
    status: 200,
    title: 'Stop reminders?',
    text: `Reminders to ${maskedAddress} will stop. You are still told once when credentials expire.`,
    form: {
      action: `/unsubscribe?${new URLSearchParams({ token })}`,
      fields: { 'List-Unsubscribe': 'One-Click' },
      button: 'Stop reminders',
    },
    link: { ...settingsLink, label: 'Choose more in the notification settings' },
  };
}

function offPage(maskedAddress: string): PageContent {
  return {
    status: 200,
    title: 'Reminders are off',
    text: `No more reminders go to ${maskedAddress}. You are still told once when credentials expire.`,
    link: { ...settingsLink, label: 'Choose more in the notification settings' },
  };
}

function tokenOf(request: FastifyRequest): string {
  const { token } = request.query as Record<string, unknown>;
  if (typeof token !== 'string' || token === '' || token.length > maxTokenLength)
    throw new UnsubscribeTokenUnknownError();
  return token;
}

function asUnknown(error: unknown): never {
  if (error instanceof DomainError && error.code === 'UNSUBSCRIBE_TOKEN_UNKNOWN')
    throw new UnsubscribeTokenUnknownError();
  throw error;
}

/** A person in a browser rather than a mail provider. */
function wantsPage({ headers }: FastifyRequest): boolean {
  return headers.accept?.includes('text/html') ?? false;
}

function sendNothing(reply: FastifyReply): FastifyReply {
  return reply.code(200).send();
}

function answerTo(error: unknown, logger: Logger) {
  const answer = problemOf(error);
  if (answer.problem.status === 413) return problemOf(new UnsubscribeFormInvalidError());
  if (answer.unexpected) logger.error({ err: error }, 'a request failed unexpectedly');
  return answer;
}
