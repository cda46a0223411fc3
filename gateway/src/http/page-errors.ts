import type { Logger } from '@credential-renewal/runtime';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sendPage } from './page.ts';
import { problemOf } from './problem.ts';

const titles: Record<number, string> = {
  400: 'This did not work',
  401: 'You are signed out',
  403: 'This is not yours to do',
  404: 'There is nothing here',
  409: 'This is already over',
  503: 'Not reachable right now',
  504: 'Not reachable right now',
};

/** Errors of routes that a browser navigates to: a page for a person instead of a problem document. */
export function createPageErrorHandler(options: {
  logger: Logger;
  link: { href: string; label: string };
}) {
  return (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
    const { problem, headers, unexpected } = problemOf(error);
    request.problemCode = problem.code;
    if (unexpected) options.logger.error({ err: error }, 'a request failed unexpectedly');
    // The person is told that it failed, the operator why: a wrong client secret shows nowhere else.
    else if (error instanceof Error && error.cause !== undefined)
      options.logger.warn({ err: error }, 'a browser was sent away with an error');
    return sendPage(reply.headers(headers), {
      status: problem.status,
      title: titles[problem.status] ?? problem.title,
      text: problem.detail,
      link: options.link,
      code: problem.code,
    });
  };
}
