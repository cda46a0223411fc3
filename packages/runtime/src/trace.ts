import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';

/** W3C Trace Context: 32 and 16 lower-case hex digits. */
export type Trace = {
  traceId: string;
  spanId: string;
  /** Whoever began it decided that it is not recorded. Absent: it may be. */
  isUnsampled?: true;
  /** Called when somebody hears of this span as a parent: it has to be recorded then. */
  told?: () => void;
};

const storage = new AsyncLocalStorage<Trace>();

export function currentTrace(): Trace | undefined {
  return storage.getStore();
}

/** The `traceparent` of the current trace, for an outgoing call or event. */
export function currentTraceparent(): string | undefined {
  const trace = storage.getStore();
  if (!trace) return undefined;
  trace.told?.();
  return `00-${trace.traceId}-${trace.spanId}-${trace.isUnsampled ? '00' : '01'}`;
}

/** Reads a `traceparent` (W3C Trace Context section 3.2); undefined when malformed, as the standard asks to restart then. */
export function parseTraceparent(header: string | undefined): Trace | undefined {
  const match = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/.exec(
    header ?? '',
  );
  const [, version, traceId, spanId, flags = '', rest] = match ?? [];
  // ff is forbidden, and only versions after 00 may have more fields.
  if (version === 'ff' || (version === '00' && rest !== undefined)) return undefined;
  if (!traceId || !spanId || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  const isSampled = (Number.parseInt(flags, 16) & 1) === 1;
  return { traceId, spanId, ...(isSampled ? {} : { isUnsampled: true }) };
}

export const newTraceId = (): string => randomBytes(16).toString('hex');
export const newSpanId = (): string => randomBytes(8).toString('hex');

/** Runs `work` where `currentTrace` answers with this one. */
export function runInTrace<T>(trace: Trace, work: () => T): T {
  return storage.run(trace, work);
}
