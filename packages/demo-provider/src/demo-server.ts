import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from '@credential-renewal/runtime';
import type { FastifyInstance } from 'fastify';
import { problemPage } from './pages/page-layout.ts';

/** A Fastify that answers on a server which listens already; errors are pages, below `/control` JSON. */
export async function createDemoServer(server: Server, logger: Logger): Promise<FastifyInstance> {
  const [{ fastify }, formbody] = await Promise.all([
    import('fastify'),
    import('@fastify/formbody'),
  ]);
  const app = fastify({
    bodyLimit: 64 * 1024,
    exposeHeadRoutes: false,
    serverFactory: (handler) => server.on('request', handler as RequestListener),
  });
  await app.register(formbody.default);
  app.setErrorHandler(async (error, request, reply) => {
    const { statusCode = 500, message } = error as { statusCode?: number; message: string };
    if (statusCode < 500) return reply.code(statusCode).send({ error: 'invalid', message });
    logger.error({ err: error }, 'the demo world failed to answer');
    if (request.url.startsWith('/control/')) {
      return reply.code(500).send({ error: 'failed', message });
    }
    return reply
      .code(500)
      .type('text/html')
      .send(problemPage('Something went wrong', 'The log of the demo world says more.'));
  });
  app.setNotFoundHandler(async (_request, reply) =>
    reply
      .code(404)
      .type('text/html')
      .send(problemPage('There is nothing here', 'The demo world begins at its front page, /.')),
  );
  return app;
}

/** Answers with the port; throws what `listen` throws (`EADDRINUSE`). */
export function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((done, failed) => {
    server.once('error', failed);
    server.listen(port, host, () => {
      server.off('error', failed);
      done((server.address() as AddressInfo).port);
    });
  });
}

/** At once: connections that wait for an answer are closed. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((done) => {
    server.close(() => done());
    server.closeAllConnections();
  });
}
