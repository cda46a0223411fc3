import type { Logger } from '@credential-renewal/runtime';
import cookie from '@fastify/cookie';
import { type TypeBoxTypeProvider, TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox';
import Fastify from 'fastify';
import type { App } from './app-type.ts';
import { answerBrokenRequest } from './broken-request.ts';
import { problemOf } from './problem.ts';
import { type PageForUnknown, sendProblem, useProblemHandlers } from './problem-handlers.ts';
import { useRequestTrace } from './request-trace.ts';
import { createRouteTable } from './route-table.ts';
import { useSecurityHeaders } from './security-headers.ts';

const bodyLimitBytes = 64 * 1024;
/** For sending a request; answers may stream longer. */
const requestTimeoutMs = 30_000;
/** Address and headers together; a callback's code alone may have 16 kB. */
const maxHeaderBytes = 32 * 1024;

/** A Fastify without routes: limits, trace, security headers, cookies, and problem documents for all that goes wrong. */
export async function createHttpServer(options: {
  publicUrl: URL;
  logger: Logger;
  pageForUnknown: PageForUnknown;
}): Promise<App> {
  const app = Fastify({
    logger: false,
    bodyLimit: bodyLimitBytes,
    requestTimeout: requestTimeoutMs,
    forceCloseConnections: 'idle',
    http: { maxHeaderSize: maxHeaderBytes },
    clientErrorHandler: answerBrokenRequest,
    frameworkErrors: (error, _request, reply) => {
      sendProblem(reply, problemOf(error));
    },
  }).withTypeProvider<TypeBoxTypeProvider>();

  // Coerces query, path and headers, which are text, and never a body.
  app.setValidatorCompiler(TypeBoxValidatorCompiler);
  app.removeContentTypeParser('text/plain');
  const routes = createRouteTable(app);
  useRequestTrace(app, options.logger);
  useProblemHandlers(app, { ...options, routes });
  await useSecurityHeaders(app, options.publicUrl);
  await app.register(cookie);
  return app;
}
