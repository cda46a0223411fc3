import { expect, test } from 'vitest';
import { runWithTrace } from './span.ts';
import {
  currentTrace,
  currentTraceparent,
  newSpanId,
  newTraceId,
  parseTraceparent,
} from './trace.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const spanId = 'b7ad6b7169203331';

test('a traceparent is read', () => {
  expect(parseTraceparent(`00-${traceId}-${spanId}-01`)).toEqual({ traceId, spanId });
});

test('a later version may carry more fields', () => {
  expect(parseTraceparent(`cc-${traceId}-${spanId}-01-more`)).toEqual({ traceId, spanId });
});

test('a trace that nobody records stays so when it is handed on', () => {
  const unsampled = `00-${traceId}-${spanId}-00`;
  expect(parseTraceparent(unsampled)).toEqual({ traceId, spanId, isUnsampled: true });
  expect(runWithTrace(unsampled, currentTraceparent)).toMatch(/-00$/);
  expect(runWithTrace(`00-${traceId}-${spanId}-01`, currentTraceparent)).toMatch(/-01$/);
});

// The cases of W3C Trace Context, section 3.2.2.
test.each([
  undefined,
  '',
  `ff-${traceId}-${spanId}-01`,
  `00-${traceId}-${spanId}-01-more`,
  `00-${traceId}-${spanId}-0`,
  `00-${traceId}-${spanId}-01x`,
  `00-${traceId.toUpperCase()}-${spanId}-01`,
  `00-${'0'.repeat(32)}-${spanId}-01`,
  `00-${traceId}-${'0'.repeat(16)}-01`,
  `00-${traceId}-${spanId}`,
])('%s is no traceparent', (header) => {
  expect(parseTraceparent(header)).toBeUndefined();
});

test('work runs in the trace it was given, across awaits, with a span of its own', async () => {
  const seen = await runWithTrace(`00-${traceId}-${spanId}-01`, async () => {
    await new Promise((resolve) => setImmediate(resolve));
    return currentTrace();
  });
  expect(seen?.traceId).toBe(traceId);
  expect(seen?.spanId).not.toBe(spanId);
  expect(currentTrace()).toBeUndefined();
  expect(currentTraceparent()).toBeUndefined();
});

test('work without a trace begins one that others can continue', () => {
  const first = runWithTrace(undefined, currentTraceparent);
  const second = runWithTrace('nonsense', currentTraceparent);
  expect(parseTraceparent(first)).toBeDefined();
  expect(parseTraceparent(second)?.traceId).not.toBe(parseTraceparent(first)?.traceId);
});

test('ids have the form of the standard, and none is drawn twice', () => {
  const traces = Array.from({ length: 2_000 }, newTraceId);
  const spans = Array.from({ length: 2_000 }, newSpanId);
  for (const id of traces) expect(id).toMatch(/^[0-9a-f]{32}$/);
  for (const id of spans) expect(id).toMatch(/^[0-9a-f]{16}$/);
  expect(new Set([...traces, ...spans]).size).toBe(4_000);
});
