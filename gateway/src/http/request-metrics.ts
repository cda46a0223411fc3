import type { FastifyInstance } from 'fastify';
import { Histogram, type Registry } from 'prom-client';

/** Duration of every request by method, route pattern and status. Event streams are left out: they last for hours by design. */
export function useRequestMetrics(app: FastifyInstance, metrics: Registry): void {
  const duration = new Histogram({
    name: 'gateway_http_request_duration_seconds',
    help: 'Duration of HTTP requests by method, route pattern and status.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
    registers: [metrics],
  });
  app.addHook('onResponse', async (request, reply) => {
    const type = String(reply.getHeader('content-type') ?? '');
    if (type.startsWith('text/event-stream')) return;
    const route = request.routeOptions.url ?? 'none';
    duration.observe(
      { method: request.method, route, status: String(reply.statusCode) },
      reply.elapsedTime / 1000,
    );
  });
}
