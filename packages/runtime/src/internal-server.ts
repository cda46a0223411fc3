import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';
import type { ShiftableClock } from './clock.ts';
import { answerClockShift } from './clock-shift.ts';
import { askChecks, type ReadinessAnswer, type ReadinessCheck } from './readiness.ts';
import { renderMetrics } from './render-metrics.ts';

export type InternalAnswer = { status: number; text: string; contentType?: string };

const notFound: InternalAnswer = { status: 404, text: 'not found\n' };

export type InternalServer = { port: number; stop(): Promise<void> };

/**
 * Probes and metrics on a port of their own: `/livez`, `/readyz` (503 with what is not ready, by name; 200 with what is degraded),
 * `/metrics` (Prometheus), and `POST /clock` where there is a clock that tests may move.
 */
export async function createInternalServer(options: {
  host: string;
  port: number;
  metrics: Registry;
  readiness: Record<string, ReadinessCheck>;
  /** How long a readiness check may take before it counts as failed. */
  checkTimeoutMs?: number;
  clock?: ShiftableClock;
}): Promise<InternalServer> {
  const checkTimeoutMs = options.checkTimeoutMs ?? 2000;

  async function answer(request: IncomingMessage): Promise<InternalAnswer> {
    switch ((request.url ?? '/').split('?')[0]) {
      case '/livez':
        return { status: 200, text: 'ok\n' };
      case '/readyz':
        return readyAnswer(await askChecks(options.readiness, checkTimeoutMs));
      case '/metrics':
        return {
          status: 200,
          text: await renderMetrics(options.metrics),
          contentType: options.metrics.contentType,
        };
      case '/clock':
        return options.clock ? answerClockShift(request, options.clock) : notFound;
      default:
        return notFound;
    }
  }

  const server = createServer((request, response) => {
    answer(request)
      .catch((error: unknown): InternalAnswer => ({ status: 500, text: `${messageOf(error)}\n` }))
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

/** What `/readyz` says: not ready first, then what is degraded. */
function readyAnswer(
  answers: readonly { name: string; answer: ReadinessAnswer }[],
): InternalAnswer {
  const problems: string[] = [];
  const degradations: string[] = [];
  for (const { name, answer } of answers) {
    if (typeof answer === 'string') problems.push(`${name}: ${answer}`);
    else if (answer) degradations.push(`degraded: ${name}: ${answer.degraded}`);
  }
  const lines = [...problems, ...degradations];
  return {
    status: problems.length === 0 ? 200 : 503,
    text: lines.length === 0 ? 'ok\n' : `${lines.join('\n')}\n`,
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
