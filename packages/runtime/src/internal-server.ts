import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';

/** Undefined: ready. Otherwise what is wrong, in a few words. */
export type ReadinessCheck = () => string | undefined | Promise<string | undefined>;

type Answer = { status: number; text: string; contentType?: string };

export type InternalServer = { port: number; stop(): Promise<void> };

/** Probes and metrics on a port of their own: `/livez`, `/readyz` (what is not ready, by name), `/metrics` (Prometheus). */
export async function createInternalServer(options: {
  host: string;
  port: number;
  metrics: Registry;
  readiness: Record<string, ReadinessCheck>;
  /** How long a readiness check may take before it counts as failed. */
  checkTimeoutMs?: number;
}): Promise<InternalServer> {
  const checkTimeoutMs = options.checkTimeoutMs ?? 2000;

  async function answer(path: string | undefined): Promise<Answer> {
    switch (path) {
      case '/livez':
        return { status: 200, text: 'ok\n' };
      case '/readyz': {
        const problems = await findProblems(options.readiness, checkTimeoutMs);
        return problems.length === 0
          ? { status: 200, text: 'ok\n' }
          : { status: 503, text: `${problems.join('\n')}\n` };
      }
      case '/metrics':
        return {
          status: 200,
          text: await options.metrics.metrics(),
          contentType: options.metrics.contentType,
        };
      default:
        return { status: 404, text: 'not found\n' };
    }
  }

  const server = createServer((request, response) => {
    answer((request.url ?? '/').split('?')[0])
      // A collector of a metric can fail; a probe's question must not end the process.
      .catch((error: unknown): Answer => ({ status: 500, text: `${messageOf(error)}\n` }))
      .then(({ status, text, contentType = 'text/plain; charset=utf-8' }) =>
        response.writeHead(status, { 'content-type': contentType }).end(text),
      );
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

async function findProblems(
  readiness: Record<string, ReadinessCheck>,
  timeoutMs: number,
): Promise<string[]> {
  const found = await Promise.all(
    Object.entries(readiness).map(async ([name, check]) => {
      const problem = await withTimeout(check, timeoutMs).catch(messageOf);
      return problem === undefined ? [] : [`${name}: ${problem}`];
    }),
  );
  return found.flat();
}

async function withTimeout(check: ReadinessCheck, timeoutMs: number): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`no answer within ${timeoutMs} ms`), timeoutMs);
  });
  try {
    return await Promise.race([Promise.resolve().then(check), late]);
  } finally {
    clearTimeout(timer);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
