import type { Registry } from 'prom-client';

const collectTimeoutMs = 2_000;

/**
 * The metrics in Prometheus' text format. One that cannot be collected, because it asks a store that is away, is left out and named by
 * `metric_collection_failed`: the others matter most just then.
 */
export async function renderMetrics(metrics: Registry): Promise<string> {
  const names = metrics.getMetricsAsArray().map(({ name }) => name);
  const rendered = await Promise.all(
    names.map((name) =>
      inTime(metrics.getSingleMetricAsString(name)).catch(
        () => `metric_collection_failed{metric="${name}"} 1`,
      ),
    ),
  );
  return `${rendered.join('\n\n')}\n`;
}

async function inTime(collecting: Promise<string>): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('too late')), collectTimeoutMs);
  });
  try {
    return await Promise.race([collecting, late]);
  } finally {
    clearTimeout(timer);
  }
}
