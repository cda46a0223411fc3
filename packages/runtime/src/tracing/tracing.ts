import { Counter, type Registry } from 'prom-client';
import type { Logger } from '../logger.ts';
import { recordSpans } from '../span.ts';
import type { TracingSettings } from './tracing-settings.ts';

export { readTracingSettings, type TracingSettings } from './tracing-settings.ts';

const flushWithinMs = 2_000;

/**
 * Records the spans of this process and sends them to the collector, in batches and behind everything else: while it is away or slow, spans
 * are dropped, and nothing else is different. The SDK is loaded here, so that a process without a collector does not pay for it. `stop` sends
 * what is left, for two seconds at most.
 */
export async function openTracing(
  settings: TracingSettings | undefined,
  { service, logger, metrics }: { service: string; logger: Logger; metrics: Registry },
): Promise<{ stop(): Promise<void> }> {
  if (!settings) return { stop: async () => undefined };
  const { createOtlpRecorder } = await import('./otlp-recorder.ts');
  const spans = new Counter({
    name: 'trace_spans_total',
    help: 'Spans that were handed to the collector, by whether it took them.',
    labelNames: ['outcome'],
    registers: [metrics],
  });
  for (const outcome of ['sent', 'failed']) spans.inc({ outcome }, 0);
  let isFailing = false;
  const otlp = createOtlpRecorder(settings, service, (count, error) => {
    spans.inc({ outcome: error ? 'failed' : 'sent' }, count);
    if (error && !isFailing) logger.warn({ err: error }, 'traces cannot be sent; they are dropped');
    if (!error && isFailing) logger.info('traces are sent again');
    isFailing = error !== undefined;
  });
  recordSpans({ record: otlp.record, sampleRatio: settings.sampleRatio });
  return {
    async stop() {
      recordSpans(undefined);
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, flushWithinMs);
      });
      await Promise.race([otlp.flush().catch(() => undefined), late]);
      clearTimeout(timer);
    },
  };
}
