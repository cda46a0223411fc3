import {
  beginSpan,
  currentTrace,
  type Logger,
  type Span,
  type Trace,
} from '@credential-renewal/runtime';
import type { FastifyInstance } from 'fastify';

declare module 'fastify' {
  interface FastifyRequest {
    trace: Trace | undefined;
    span: Span | undefined;
    /** The stable code of the problem it was answered with. */
    problemCode: string | undefined;
  }
}

/**
 * Runs each request in a trace (the caller's `traceparent` or a new one) and writes one line when it is over: method, route pattern,
 * status, duration, and the code of the problem if there was one. Never the path itself, the query, cookies or bodies: ids are personal, and a callback's query holds a code.
 */
export function useRequestTrace(app: FastifyInstance, logger: Logger): void {
  app.decorateRequest('trace', undefined);
  app.decorateRequest('span', undefined);
  app.decorateRequest('problemCode', undefined);

  app.addHook('onRequest', (request, _reply, done) => {
    const { traceparent } = request.headers;
    const route = request.routeOptions.url ?? 'none';
    request.span = beginSpan(
      {
        ...{ name: `${request.method} ${route}`, kind: 'server' },
        attributes: { 'http.request.method': request.method, 'http.route': route },
      },
      { traceparent: typeof traceparent === 'string' ? traceparent : undefined },
    );
    request.span.run(() => {
      request.trace = currentTrace();
      done();
    });
  });

  // A body arrives in the socket's async context, in which the trace set above is gone.
  app.addHook('preValidation', (request, _reply, done) => {
    if (currentTrace() || !request.span) return done();
    request.span.run(done);
  });

  app.addHook('onResponse', async (request, reply) => {
    const line = {
      method: request.method,
      route: request.routeOptions.url ?? 'none',
      status: reply.statusCode,
      duration_ms: Math.round(reply.elapsedTime),
      ...(request.problemCode === undefined ? {} : { problem: request.problemCode }),
      ...(request.trace ? { trace_id: request.trace.traceId } : {}),
    };
    logger.info(line, 'request');
    // An event stream lasts for hours by design.
    const type = String(reply.getHeader('content-type') ?? '');
    if (type.startsWith('text/event-stream')) return;
    request.span?.set({ 'http.response.status_code': reply.statusCode });
    request.span?.end(reply.statusCode < 500 ? undefined : { code: request.problemCode });
  });
}
