import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';
import type { ShiftableClock } from './clock.ts';
import { answerClockShift } from './clock-shift.ts';

/** Trouble that a service goes on serving with, in a few words: events that wait, say. */
export type Degraded = { degraded: string };
/** Undefined: ready. A string: not ready, and why. */
export type ReadinessAnswer = string | Degraded | undefined;
export type ReadinessCheck = () => ReadinessAnswer | Promise<ReadinessAnswer>;

/** A problem that takes no calls away: without this, a broker that is down would take every replica out of service at once. */
export function degraded(problem: string | undefined): Degraded | undefined {
  return problem === undefined ? undefined : { degraded: problem };
}

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
      case '/readyz': {
        const { problems, degradations } = await findProblems(options.readiness, checkTimeoutMs);
        const lines = [...problems, ...degradations];
        return {
          status: problems.length === 0 ? 200 : 503,
          text: lines.length === 0 ? 'ok\n' : `${lines.join('\n')}\n`,
        };
      }
      case '/metrics':
        return {
          status: 200,
          text: await options.metrics.metrics(),
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
      // A collector of a metric can fail; a probe's question must not end the process.
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

async function findProblems(
  readiness: Record<string, ReadinessCheck>,
  timeoutMs: number,
): Promise<{ problems: string[]; degradations: string[] }> {
  const problems: string[] = [];
  const degradations: string[] = [];
  const answers = await Promise.all(
    Object.entries(readiness).map(async ([name, check]) => ({
      name,
      answer: await withTimeout(check, timeoutMs).catch(messageOf),
    })),
  );
  for (const { name, answer } of answers) {
    if (typeof answer === 'string') problems.push(`${name}: ${answer}`);
    else if (answer) degradations.push(`degraded: ${name}: ${answer.degraded}`);
  }
  return { problems, degradations };
}

async function withTimeout(check: ReadinessCheck, timeoutMs: number): Promise<ReadinessAnswer> {
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
