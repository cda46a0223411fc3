import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';

/** W3C Trace Context: 32 and 16 lower-case hex digits. */
export type Trace = { traceId: string; spanId: string };

const storage = new AsyncLocalStorage<Trace>();

export function currentTrace(): Trace | undefined {
  return storage.getStore();
}

/** The `traceparent` of the current trace, for an outgoing call or event. */
export function currentTraceparent(): string | undefined {
  const trace = storage.getStore();
  return trace && `00-${trace.traceId}-${trace.spanId}-01`;
}

/** Reads a `traceparent` (W3C Trace Context section 3.2); undefined when malformed, as the standard asks to restart then. */
export function parseTraceparent(header: string | undefined): Trace | undefined {
  const match = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?$/.exec(
    header ?? '',
  );
  const [, version, traceId, spanId, rest] = match ?? [];
  // ff is forbidden, and only versions after 00 may have more fields.
  if (version === 'ff' || (version === '00' && rest !== undefined)) return undefined;
  if (!traceId || !spanId || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId };
}

/** Runs `work` in the trace of `traceparent`, with a span of its own; without one, a new trace begins. */
export function runWithTrace<T>(traceparent: string | undefined, work: () => T): T {
  const parent = parseTraceparent(traceparent);
  const trace = {
    traceId: parent?.traceId ?? randomBytes(16).toString('hex'),
    spanId: randomBytes(8).toString('hex'),
  };
  return storage.run(trace, work);
}
