import type { Logger } from '@credential-renewal/runtime';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type ProblemAnswer, problem, problemMediaType, problemOf } from './problem.ts';
import type { RouteTable } from './route-table.ts';

/** Answers an unknown address with the pages' own "not found"; undefined when there are none. */
export type PageForUnknown = (reply: FastifyReply) => FastifyReply | undefined;

/** Whatever goes wrong becomes a problem document; what nobody foresaw is logged once, with its error. */
export function useProblemHandlers(
  app: FastifyInstance,
  {
    logger,
    routes,
    pageForUnknown,
  }: { logger: Logger; routes: RouteTable; pageForUnknown: PageForUnknown },
): void {
  app.setErrorHandler((error, _request, reply) => {
    const answer = problemOf(error);
    if (answer.unexpected) logger.error({ err: error }, 'a request failed unexpectedly');
    return sendProblem(reply, answer);
  });

  app.setNotFoundHandler((request, reply) => {
    const answer = answerToUnknown(request, routes);
    if (answer.problem.status === 404 && wantsPage(request)) {
      const page = pageForUnknown(reply);
      if (page) return page;
    }
    return sendProblem(reply, answer);
  });
}

/** A person who typed an address, not a program. */
function wantsPage({ method, url, headers }: FastifyRequest): boolean {
  return (
    (method === 'GET' || method === 'HEAD') &&
    !url.startsWith('/api/') &&
    (headers.accept?.includes('text/html') ?? false)
  );
}

export function sendProblem(reply: FastifyReply, { problem: document, headers }: ProblemAnswer) {
  reply.request.problemCode = document.code;
  return reply
    .code(document.status)
    .headers(headers)
    .header('cache-control', 'no-store')
    .type(problemMediaType)
    .send(document);
}

function answerToUnknown(request: FastifyRequest, routes: RouteTable): ProblemAnswer {
  const methods = routes.methodsOf(request.url.split('?')[0] ?? '/');
  // A path that knows the method was answered by its handler with "not found"; only a foreign method is not allowed.
  if (methods.length === 0 || methods.includes(request.method))
    return {
      problem: problem(404, 'ROUTE_NOT_FOUND', 'There is nothing at this address.'),
      headers: {},
      unexpected: false,
    };
  return {
    problem: problem(
      405,
      'METHOD_NOT_ALLOWED',
      `This address knows ${methods.join(', ')}, not ${request.method}.`,
    ),
    headers: { allow: methods.join(', ') },
    unexpected: false,
  };
}
