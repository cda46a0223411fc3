import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';

/** Undefined: ready. Otherwise what is wrong, in a few words. */
export type ReadinessCheck = () => string | undefined | Promise<string | undefined>;

export type InternalServer = { port: number; stop(): Promise<void> };

/** Probes and metrics on a port of their own: `/livez`, `/readyz` (what is not ready, by name), `/metrics` (Prometheus). */
export async function createInternalServer(options: {
  host: string;
  port: number;
  metrics: Registry;
  readiness: Record<string, ReadinessCheck>;
}): Promise<InternalServer> {
  const server = createServer(async (request, response) => {
    const path = (request.url ?? '/').split('?')[0];
    if (path === '/livez') return response.writeHead(200).end('ok\n');
    if (path === '/readyz') {
      const problems = await findProblems(options.readiness);
      return response
        .writeHead(problems.length === 0 ? 200 : 503, {
          'content-type': 'text/plain; charset=utf-8',
        })
        .end(problems.length === 0 ? 'ok\n' : `${problems.join('\n')}\n`);
    }
    if (path === '/metrics') {
      const text = await options.metrics.metrics();
      return response.writeHead(200, { 'content-type': options.metrics.contentType }).end(text);
    }
    return response.writeHead(404).end('not found\n');
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function findProblems(readiness: Record<string, ReadinessCheck>): Promise<string[]> {
  const problems: string[] = [];
  for (const [name, check] of Object.entries(readiness)) {
    const problem = await Promise.resolve()
      .then(check)
      .catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
    if (problem !== undefined) problems.push(`${name}: ${problem}`);
  }
  return problems;
}
