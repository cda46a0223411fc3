import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createLogger } from '../logger.ts';
import { readSettings } from '../settings.ts';
import { runInSpan } from '../span.ts';
import { startTraceCollector } from '../testing/index.ts';
import { openTracing } from './tracing.ts';
import { readTracingSettings } from './tracing-settings.ts';

const read = (env: Record<string, string>) => readSettings(env, readTracingSettings);

function fileWith(text: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'tracing-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  writeFileSync(join(directory, 'headers'), text);
  return join(directory, 'headers');
}

async function openHere(endpoint: string, env: Record<string, string> = {}) {
  const lines: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
  const logger = createLogger({ service: 'test', level: 'info', destination });
  const metrics = new Registry();
  const settings = read({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, ...env });
  const tracing = await openTracing(settings, { service: 'sample', logger, metrics });
  onTestFinished(() => tracing.stop());
  return { tracing, lines, metrics: () => metrics.metrics() };
}

const work = (name = 'work') =>
  runInSpan(
    { name, kind: 'server', attributes: { 'http.route': '/sources', count: 3 } },
    () => undefined,
    { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` },
  );

test('spans arrive with their ids, parents, kinds and attributes, under the headers of the file', async () => {
  await using collector = await startTraceCollector();
  const { tracing, metrics } = await openHere(`${collector.endpoint}/`, {
    OTEL_EXPORTER_OTLP_HEADERS_FILE: fileWith('authorization=Bearer%20planted,x-team=blue\n'),
  });
  work();
  await tracing.stop();
  expect(collector.spans()).toMatchObject([
    {
      ...{ service: 'sample', traceId: 'a'.repeat(32), parentSpanId: 'b'.repeat(16) },
      ...{ name: 'work', kind: 2, attributes: { 'http.route': '/sources', count: 3 } },
    },
  ]);
  expect(collector.headers()[0]).toMatchObject({
    authorization: 'Bearer planted',
    'x-team': 'blue',
  });
  expect(await metrics()).toContain('trace_spans_total{outcome="sent"} 1');
});

test('a span arrives by itself within seconds, without a stop', async () => {
  await using collector = await startTraceCollector();
  await openHere(collector.endpoint);
  work();
  await vi.waitFor(() => expect(collector.spans()).toHaveLength(1), 10_000);
});

test('a collector that is away is told once, counted, and holds nothing up', async () => {
  const collector = await startTraceCollector();
  await collector.close();
  const { tracing, lines, metrics } = await openHere(collector.endpoint);
  for (let count = 0; count < 10_000; count += 1) work();
  const startedMs = performance.now();
  await tracing.stop();
  expect(performance.now() - startedMs).toBeLessThan(8_000);
  expect(lines.filter(({ level }) => Number(level) >= 40).length).toBeLessThanOrEqual(1);
  expect(await metrics()).toContain('trace_spans_total{outcome="sent"} 0');
});

test('a collector that never answers does not hold up a stop', async () => {
  await using collector = await startTraceCollector({ behaviour: () => 'hang' });
  const { tracing } = await openHere(collector.endpoint);
  work();
  const startedMs = performance.now();
  await tracing.stop();
  expect(performance.now() - startedMs).toBeLessThan(8_000);
});

test('a collector that fails is told once, and that it takes spans again', async () => {
  let behaviour: 'take' | 'fail' = 'fail';
  await using collector = await startTraceCollector({ behaviour: () => behaviour });
  const { lines } = await openHere(collector.endpoint);
  const told = (text: string) => lines.filter(({ msg }) => String(msg).includes(text));
  work('lost');
  await vi.waitFor(() => expect(told('traces cannot be sent')).toHaveLength(1), 14_000);
  behaviour = 'take';
  work('kept');
  await vi.waitFor(() => expect(told('traces are sent again')).toHaveLength(1), 14_000);
  expect(collector.spans().map(({ name }) => name)).toEqual(['kept']);
}, 40_000);

test('without an endpoint nothing is recorded', async () => {
  expect(read({})).toBeUndefined();
  const { logger, metrics } = {
    logger: createLogger({ service: 't', level: 'silent' }),
    metrics: new Registry(),
  };
  await (await openTracing(undefined, { service: 'sample', logger, metrics })).stop();
  expect(await metrics.metrics()).not.toContain('trace_spans_total');
});

test.each([
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4317' }, 'OTEL_EXPORTER_OTLP_ENDPOINT must be a URL'],
  [{ OTEL_TRACES_SAMPLER_ARG: '1.5' }, 'OTEL_TRACES_SAMPLER_ARG must be a number from 0 to 1'],
  [{ OTEL_TRACES_SAMPLER_ARG: 'half' }, 'OTEL_TRACES_SAMPLER_ARG must be a number from 0 to 1'],
  [{ OTEL_EXPORTER_OTLP_HEADERS_FILE: '/nowhere' }, 'cannot be read (ENOENT)'],
])('%j is refused by name', (env, told) => {
  expect(() => read({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4318', ...env })).toThrow(
    told,
  );
});

test.each(['planted-secret', 'name=%zz', 'a b=c'])(
  'headers such as %j are refused, unrepeated',
  (text) => {
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4318',
      OTEL_EXPORTER_OTLP_HEADERS_FILE: fileWith(text),
    };
    expect(() => read(env)).toThrow('OTEL_EXPORTER_OTLP_HEADERS_FILE must hold name=value');
    expect(() => read(env)).not.toThrow(text);
  },
);
