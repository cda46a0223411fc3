import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { createBrokerMetrics } from './metrics.ts';

test('a worker that names itself anew at each read does not make a time series of each name', async () => {
  const registry = new Registry();
  const metrics = createBrokerMetrics(registry, {
    ...{ attemptsWaiting: () => 0, tokenReadsWaiting: () => 0 },
  });
  for (let read = 0; read < 1_000; read++) metrics.accessTokenRead(`worker-${read}`, 'cache');
  metrics.accessTokenRead('worker-0', 'cache');
  const reads = await registry.getSingleMetric('access_token_reads_total')?.get();
  const counts = new Map(reads?.values.map(({ labels, value }) => [labels['worker'], value]));
  expect(counts.size).toBe(201);
  expect(counts.get('worker-0')).toBe(2);
  expect(counts.get('other')).toBe(800);
});
