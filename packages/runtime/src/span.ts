import {
  currentTrace,
  newSpanId,
  newTraceId,
  parseTraceparent,
  runInTrace,
  type Trace,
} from './trace.ts';

export type SpanKind = 'server' | 'client' | 'producer' | 'consumer' | 'internal';

/** Names of things, hosts, codes and numbers. Never a token, a code, an address, or what somebody typed. */
export type SpanAttributes = Record<string, string | number>;

export type SpanOptions = {
  name: string;
  kind: SpanKind;
  attributes?: SpanAttributes;
  /** Recorded only if something within it is, or has heard of it. */
  isQuiet?: boolean;
};

/** A piece of work that is over. */
export type FinishedSpan = {
  traceId: string;
  spanId: string;
  parentSpanId: string | undefined;
  name: string;
  kind: SpanKind;
  /** Of the system's clock, with fractions. */
  startedAtMs: number;
  endedAtMs: number;
  attributes: SpanAttributes;
  /** The stable code of what went wrong. */
  errorCode: string | undefined;
};

export type SpanRecorder = {
  record(span: FinishedSpan): void;
  /** Of the traces that begin here, from 0 to 1. */
  sampleRatio: number;
};

export type Span = {
  /** Runs `work` with this span as what outgoing calls, events and log lines belong to. */
  run<T>(work: () => T): T;
  set(attributes: SpanAttributes): void;
  end(error?: unknown): void;
};

let recorder: SpanRecorder | undefined;

/** From now on spans of this process go there; without one nothing is kept of them but their ids. */
export function recordSpans(to: SpanRecorder | undefined): void {
  recorder = to;
}

/**
 * Begins a span in the trace of `from` (the `traceparent` of an incoming call or event; without a good one a trace begins), or
 * where that is left out, in the current one.
 */
export function beginSpan(options: SpanOptions, from?: { traceparent?: string | undefined }): Span {
  const parent = from ? parseTraceparent(from.traceparent) : currentTrace();
  const to = recorder;
  const trace: Trace = { traceId: parent?.traceId ?? newTraceId(), spanId: newSpanId() };
  const isUnsampled = parent ? parent.isUnsampled : to && isLeftOut(trace.traceId, to.sampleRatio);
  if (isUnsampled) trace.isUnsampled = true;
  const run: Span['run'] = (work) => runInTrace(trace, work);
  if (!to || isUnsampled) return { run, set: noop, end: noop };

  const startedAtMs = preciseNowMs();
  let attributes = options.attributes ?? {};
  let isWanted = false;
  let isOver = false;
  trace.told = () => {
    isWanted = true;
    parent?.told?.();
  };
  if (!options.isQuiet) trace.told();
  return {
    run,
    set(more) {
      attributes = { ...attributes, ...more };
    },
    end(error) {
      if (isOver || !isWanted) return;
      isOver = true;
      to.record({
        ...{ traceId: trace.traceId, spanId: trace.spanId, parentSpanId: parent?.spanId },
        ...{ name: options.name, kind: options.kind, attributes },
        ...{ startedAtMs, endedAtMs: preciseNowMs(), errorCode: codeOf(error) },
      });
    },
  };
}

/** Begins a span, runs `work` in it, and ends it when the work has settled. */
export function runInSpan<T>(
  options: SpanOptions,
  work: (span: Span) => T,
  from?: { traceparent?: string | undefined },
): T {
  const span = beginSpan(options, from);
  try {
    const result = span.run(() => work(span));
    if (result instanceof Promise) {
      result.then(
        () => span.end(),
        (error: unknown) => span.end(error),
      );
    } else span.end();
    return result;
  } catch (error) {
    span.end(error);
    throw error;
  }
}

/** The same for something that goes out: without a recorder it is no span, and costs nothing. */
export function runInOutgoingSpan<T>(options: SpanOptions, work: (span: Span) => T): T {
  return recorder ? runInSpan(options, work) : work(unrecorded);
}

export function beginOutgoingSpan(
  options: SpanOptions,
  from?: { traceparent?: string | undefined },
): Span {
  return recorder ? beginSpan(options, from) : unrecorded;
}

/**
 * Runs `work` in the trace of `traceparent`, with a span of its own; without one, a new trace begins. The span is recorded if something
 * within it is: an idle round of periodic work is nobody's news.
 */
export function runWithTrace<T>(traceparent: string | undefined, work: () => T, name = 'work'): T {
  return runInSpan({ name, kind: 'internal', isQuiet: true }, work, { traceparent });
}

const noop = () => undefined;
const unrecorded: Span = { run: (work) => work(), set: noop, end: noop };

/** Timers and clocks of ours may be shifted; a trace tells the system's time. */
const preciseNowMs = (): number => performance.timeOrigin + performance.now();

/** The same answer for a trace in every process. */
function isLeftOut(traceId: string, sampleRatio: number): boolean {
  return Number.parseInt(traceId.slice(0, 8), 16) / 2 ** 32 >= sampleRatio;
}

/** Never its message: that may repeat what a person typed. */
function codeOf(error: unknown): string | undefined {
  if (error === undefined) return undefined;
  const { code, name } = error as { code?: unknown; name?: unknown };
  if (typeof code === 'string' || typeof code === 'number') return String(code);
  return typeof name === 'string' ? name : 'ERROR';
}
