import type { NotificationDeliveryServiceService } from '@credential-renewal/proto/notification/v1/deliveries';
import type { RpcClient } from '@credential-renewal/rpc';
import { type Clock, DomainError, type Logger } from '@credential-renewal/runtime';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type ProblemAnswer, problem, problemOf } from '../http/problem.ts';
import { sendProblem } from '../http/problem-handlers.ts';
import { createRateBound } from './rate-bound.ts';

export type SendgridWebhookDeps = {
  deliveries: Pick<RpcClient<typeof NotificationDeliveryServiceService>, 'receiveDeliveryReports'>;
  clock: Clock;
  logger: Logger;
};

/** With its signature it has to fit into one gRPC message, which may have 1 MiB. */
const maxBodyBytes = 1000 * 1024;
const maxHeaderLength = 1_000;
/** Far more than SendGrid posts, which gathers its events; what anybody else posts costs no more than this. */
const perSecond = 20;
const burst = 200;

/**
 * What SendGrid's event webhook posts. Its signature is of the bytes, so they are passed on as they came; whether they are to be believed
 * is for notification to say, which has the key. SendGrid comes again after anything but a 2xx.
 */
export function sendgridWebhookRoute(app: FastifyInstance, deps: SendgridWebhookDeps): void {
  const bound = createRateBound({ clock: deps.clock, perSecond, burst });
  // Before the body is read.
  app.addHook('onRequest', async () => bound.take());
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.setErrorHandler((error, _request, reply) => {
    const answer = answerTo(error);
    if (answer.unexpected) deps.logger.error({ err: error }, 'a request failed unexpectedly');
    return sendProblem(reply, answer);
  });

  app.post(
    '/webhooks/sendgrid',
    { schema: { hide: true }, bodyLimit: maxBodyBytes },
    async (request, reply) => {
      await deps.deliveries.receiveDeliveryReports({
        transport: 'sendgrid',
        body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
        signature: headerOf(request, 'x-twilio-email-event-webhook-signature'),
        timestamp: headerOf(request, 'x-twilio-email-event-webhook-timestamp'),
      });
      return reply.code(204).header('cache-control', 'no-store').send();
    },
  );
}

/** What cannot be a signature or a time is passed on as none, and so refused and counted like a missing one. */
function headerOf({ headers }: FastifyRequest, name: string): string {
  const value = headers[name];
  return typeof value === 'string' && value.length <= maxHeaderLength ? value : '';
}

function answerTo(error: unknown): ProblemAnswer {
  const answer = problemOf(error);
  if (error instanceof DomainError && error.kind === 'unauthenticated')
    return refused(403, error.code, error.message);
  if (error instanceof DomainError && error.code === 'DELIVERY_REPORTS_NOT_EXPECTED')
    return refused(404, error.code, error.message);
  if (answer.problem.status === 413)
    return refused(413, 'BODY_TOO_LARGE', 'The body may have 1000 KiB at most.');
  return answer;
}

function refused(status: number, code: string, detail: string): ProblemAnswer {
  return { problem: problem(status, code, detail), headers: {}, unexpected: false };
}
