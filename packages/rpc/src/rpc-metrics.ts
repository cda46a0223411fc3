import { status } from '@grpc/grpc-js';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Caller } from './callers.ts';

/** What a server counts of its calls; `rpc` is `package.Service/Method`. */
export type RpcMetrics = {
  began(): void;
  ended(rpc: string, code: status, durationMs: number): void;
  refused(rpc: string, caller: Caller | 'unknown'): void;
};

/** In a registry that the servers of one process share. */
export function createRpcMetrics(metrics: Registry | undefined): RpcMetrics {
  if (!metrics) return { began: noop, ended: noop, refused: noop };
  const known = <T>(name: string, make: () => T): T =>
    (metrics.getSingleMetric(name) as T | undefined) ?? make();
  const registers = [metrics];
  const durationName = 'rpc_server_request_duration_seconds';
  const duration = known(
    durationName,
    () =>
      new Histogram({
        name: durationName,
        help: 'Duration of calls by method and status.',
        labelNames: ['method', 'code'],
        buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10],
        registers,
      }),
  );
  const runningName = 'rpc_server_requests_in_flight';
  const running = known(
    runningName,
    () => new Gauge({ name: runningName, help: 'Calls that are being answered.', registers }),
  );
  const refusedName = 'rpc_calls_refused_total';
  const refused = known(
    refusedName,
    () =>
      new Counter({
        name: refusedName,
        help: 'Calls by somebody who is not on the list of callers of the method.',
        labelNames: ['method', 'caller'],
        registers,
      }),
  );
  return {
    began: () => running.inc(),
    ended(method, code, durationMs) {
      running.dec();
      duration.observe({ method, code: status[code] }, durationMs / 1000);
    },
    refused: (method, caller) => refused.inc({ method, caller }),
  };
}

const noop = () => undefined;
