import {
  ROOT_CONTEXT,
  SpanKind as SdkKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOnSampler,
  BatchSpanProcessor,
  type SpanExporter,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { FinishedSpan, SpanKind } from '../span.ts';
import type { TracingSettings } from './tracing-settings.ts';

/** How long one request to the collector may take. */
const exportTimeoutMs = 10_000;
/** From the end of a span to its departure. */
const batchDelayMs = 2_000;
const mostWaiting = 4_096;

const kinds: Record<SpanKind, SdkKind> = {
  server: SdkKind.SERVER,
  client: SdkKind.CLIENT,
  producer: SdkKind.PRODUCER,
  consumer: SdkKind.CONSUMER,
  internal: SdkKind.INTERNAL,
};

/** Spans as OTLP over HTTP, by the SDK of OpenTelemetry. Only loaded where a collector is configured. */
export function createOtlpRecorder(
  { endpoint, headers }: TracingSettings,
  service: string,
  exported: (spans: number, error?: Error) => void,
): { record(span: FinishedSpan): void; flush(): Promise<void> } {
  const base = endpoint.href.replace(/\/$/, '');
  const exporter = tellOutcome(
    new OTLPTraceExporter({
      ...{ url: `${base}/v1/traces`, headers, timeoutMillis: exportTimeoutMs },
      concurrencyLimit: 2,
    }),
    exported,
  );
  // The ids are ours, from the beginning of a span; the SDK asks for one when it hears of it, which is at its end.
  let nextTraceId = '';
  let nextSpanId = '';
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      'service.name': service,
      'service.namespace': 'credential-renewal',
    }),
    sampler: new AlwaysOnSampler(),
    idGenerator: { generateTraceId: () => nextTraceId, generateSpanId: () => nextSpanId },
    spanProcessors: [
      new BatchSpanProcessor({
        ...{ exporter, maxQueueSize: mostWaiting, scheduledDelayMillis: batchDelayMs },
        exportTimeoutMillis: 2 * exportTimeoutMs,
      }),
    ],
  });
  const tracer = provider.getTracer('credential-renewal');

  return {
    record({ traceId, spanId, parentSpanId, ...span }) {
      nextTraceId = traceId;
      nextSpanId = spanId;
      const parent =
        parentSpanId === undefined
          ? ROOT_CONTEXT
          : trace.setSpanContext(ROOT_CONTEXT, {
              ...{ traceId, spanId: parentSpanId, traceFlags: TraceFlags.SAMPLED, isRemote: true },
            });
      const { name, attributes, startedAtMs: startTime, endedAtMs, errorCode } = span;
      const told = tracer.startSpan(
        name,
        {
          ...{ kind: kinds[span.kind], startTime },
          attributes:
            errorCode === undefined ? attributes : { ...attributes, 'error.type': errorCode },
        },
        parent,
      );
      if (errorCode !== undefined) told.setStatus({ code: SpanStatusCode.ERROR });
      told.end(endedAtMs);
    },
    flush: () => provider.shutdown(),
  };
}

/** The SDK would tell of a failure by a global handler that writes to the console; to it every batch has gone. */
function tellOutcome(
  inner: SpanExporter,
  exported: (spans: number, error?: Error) => void,
): SpanExporter {
  return {
    export(spans, done) {
      inner.export(spans, ({ code, error }) => {
        exported(
          spans.length,
          code === 0 ? undefined : (error ?? new Error('no reason was given')),
        );
        done({ code: 0 });
      });
    },
    shutdown: () => inner.shutdown(),
  };
}
