import { AsyncLocalStorage } from 'node:async_hooks';
import { randomFillSync } from 'node:crypto';

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

export const newTraceId = (): string => randomHex(16);
export const newSpanId = (): string => randomHex(8);

/** Drawn in one go: an id costs a call into OpenSSL otherwise, which was a third of what a server spends on a call beside its handler. */
const pool = Buffer.alloc(4_096);
let used = pool.length;

function randomHex(bytes: number): string {
  if (used + bytes > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += bytes;
  return pool.toString('hex', used - bytes, used);
}

/** Runs `work` where `currentTrace` answers with this one. */
export function runInTrace<T>(trace: Trace, work: () => T): T {
  return storage.run(trace, work);
}
