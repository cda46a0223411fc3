import { Gauge, type Registry } from 'prom-client';
import { askChecks, type ReadinessCheck } from './readiness.ts';

const checkTimeoutMs = 1_000;

/** `readiness_check_ok{check}`: 1 while the check of `/readyz` is content, 0 while it is not ready or degraded. */
export function measureReadiness(metrics: Registry, checks: Record<string, ReadinessCheck>): void {
  new Gauge({
    name: 'readiness_check_ok',
    help: 'Whether a check of /readyz is content (1), or not ready or degraded (0).',
    labelNames: ['check'],
    registers: [metrics],
    async collect() {
      for (const { name, answer } of await askChecks(checks, checkTimeoutMs)) {
        this.set({ check: name }, answer === undefined ? 1 : 0);
      }
    },
  });
}
