import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { DomainError } from './domain-error.ts';
import {
  beginSpan,
  type FinishedSpan,
  recordSpans,
  runInOutgoingSpan,
  runInSpan,
  runWithTrace,
} from './span.ts';
import { currentTrace, currentTraceparent, parseTraceparent } from './trace.ts';

const incoming = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
const named = (name: string) => ({ name, kind: 'internal' }) as const;

function recordHere(sampleRatio = 1): FinishedSpan[] {
  const spans: FinishedSpan[] = [];
  recordSpans({ record: (span) => void spans.push(span), sampleRatio });
  return spans;
}

afterEach(() => recordSpans(undefined));

test('a span within a span is its child, across awaits, and belongs to the trace of the caller', async () => {
  const spans = recordHere();
  await runInSpan(
    named('outer'),
    async () => {
      await turn();
      await runInSpan(named('inner'), () => turn());
    },
    { traceparent: incoming },
  );
  const [inner, outer] = spans;
  expect(spans.map(({ name }) => name)).toEqual(['inner', 'outer']);
  expect(outer).toMatchObject({ traceId: 'a'.repeat(32), parentSpanId: 'b'.repeat(16) });
  expect(inner).toMatchObject({ traceId: 'a'.repeat(32), parentSpanId: outer?.spanId });
  expect(inner?.startedAtMs).toBeGreaterThanOrEqual(outer?.startedAtMs ?? 0);
  expect(inner?.endedAtMs).toBeLessThanOrEqual(outer?.endedAtMs ?? 0);
});

test('what is handed on to others names the span that is recorded', () => {
  const spans = recordHere();
  const handedOn = runInSpan(named('out'), () => currentTraceparent());
  expect(parseTraceparent(handedOn)?.spanId).toBe(spans[0]?.spanId);
});

test('a failure is recorded by its code, never by its words', async () => {
  const spans = recordHere();
  const error = new DomainError('not_found', 'SOURCE_NOT_FOUND', 'ada@acme.example has no source');
  await expect(runInSpan(named('fails'), async () => Promise.reject(error))).rejects.toBe(error);
  expect(() =>
    runInSpan(named('throws'), () => {
      throw new TypeError('hush');
    }),
  ).toThrow('hush');
  expect(spans.map(({ errorCode }) => errorCode)).toEqual(['SOURCE_NOT_FOUND', 'TypeError']);
  expect(JSON.stringify(spans)).not.toMatch(/ada@|hush/);
});

test('a round of work in which nothing happened leaves no span; one in which something did is its parent', () => {
  const spans = recordHere();
  runWithTrace(undefined, () => undefined, 'idle');
  runWithTrace(undefined, () => runWithTrace(undefined, () => undefined, 'idle within'), 'idle');
  expect(spans).toEqual([]);
  runWithTrace(undefined, () => runInSpan(named('call'), () => undefined), 'busy');
  const [call, busy] = spans;
  expect(busy).toMatchObject({ name: 'busy', parentSpanId: undefined });
  expect(call?.parentSpanId).toBe(busy?.spanId);
});

test('a quiet span whose trace was written into an event is recorded, since the event names it', () => {
  const spans = recordHere();
  const written = runWithTrace(undefined, currentTraceparent, 'sweep');
  expect(spans).toMatchObject([{ name: 'sweep', spanId: parseTraceparent(written)?.spanId }]);
});

test('a share of the traces is recorded, whole or not at all, and others are told', () => {
  const spans = recordHere(0.5);
  const flags = Array.from({ length: 400 }, () =>
    runInSpan(named('root'), () => runInSpan(named('child'), currentTraceparent), {}),
  ).map((traceparent) => traceparent?.slice(-2));
  const kept = flags.filter((flag) => flag === '01').length;
  expect(kept).toBeGreaterThan(120);
  expect(kept).toBeLessThan(280);
  expect(spans).toHaveLength(2 * kept);
});

test('a trace that its beginner does not record is not recorded here, and one that he records is', () => {
  const spans = recordHere(0);
  runInSpan(named('his'), () => undefined, { traceparent: incoming });
  runInSpan(named('not his'), () => undefined, { traceparent: incoming.replace(/01$/, '00') });
  runInSpan(named('ours'), () => undefined, {});
  expect(spans.map(({ name }) => name)).toEqual(['his']);
});

test('a span that ends twice is recorded once', () => {
  const spans = recordHere();
  const span = beginSpan(named('once'));
  span.end();
  span.end(new Error('late'));
  expect(spans).toHaveLength(1);
});

test('without a recorder an outgoing call stays in the span of its caller', () => {
  runWithTrace(incoming, () => {
    const trace = currentTrace();
    expect(runInOutgoingSpan(named('call'), currentTrace)).toBe(trace);
  });
});
