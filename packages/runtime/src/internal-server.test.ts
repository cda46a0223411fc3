import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Counter, Registry } from 'prom-client';
import { afterEach, expect, test } from 'vitest';
import { createShiftableClock } from './clock.ts';
import { createInternalServer, type InternalServer } from './internal-server.ts';
import { degraded, type ReadinessCheck } from './readiness.ts';
import { measureReadiness } from './readiness-metrics.ts';

let server: InternalServer | undefined;
afterEach(() => server?.stop());

async function ask(
  path: string,
  readiness: Record<string, ReadinessCheck> = {},
  metrics = new Registry(),
) {
  server = await createInternalServer({
    host: '127.0.0.1',
    port: 0,
    metrics,
    readiness,
    checkTimeoutMs: 5,
  });
  const response = await fetch(`http://127.0.0.1:${server.port}${path}`);
  return { status: response.status, text: await response.text() };
}

test('it is alive even when it is not ready', async () => {
  const sick = { store: () => 'disk full' };
  expect(await ask('/livez', sick)).toEqual({ status: 200, text: 'ok\n' });
});

test('it is ready when every check is content', async () => {
  const checks = { store: () => undefined, log: async () => undefined };
  expect(await ask('/readyz?verbose', checks)).toEqual({ status: 200, text: 'ok\n' });
});

test('what is not ready is named, also when its check throws or hangs', async () => {
  const answer = await ask('/readyz', {
    store: () => 'disk full',
    fine: () => undefined,
    broker: async () => {
      throw new Error('no route');
    },
    vault: () => new Promise<undefined>(() => undefined),
  });
  expect(answer).toEqual({
    status: 503,
    text: 'store: disk full\nbroker: no route\nvault: no answer within 5 ms\n',
  });
});

test('what is degraded is told and takes no calls away; what is not ready still does', async () => {
  const events = () => degraded('no event could be published');
  const told = 'degraded: outbox: no event could be published\n';
  expect(await ask('/readyz', { outbox: events, fine: () => degraded(undefined) })).toEqual({
    status: 200,
    text: told,
  });
  expect(await ask('/readyz', { outbox: events, store: () => 'disk full' })).toEqual({
    status: 503,
    text: `store: disk full\n${told}`,
  });
});

test('metrics are told in the text format, and a collector that fails spoils no other', async () => {
  const metrics = new Registry();
  new Counter({ name: 'renewals_total', help: 'Renewals.', registers: [metrics] }).inc(3);
  new Counter({
    name: 'broken_total',
    help: 'Fails.',
    registers: [metrics],
    collect() {
      throw new Error('the store is closed');
    },
  });
  measureReadiness(metrics, {
    store: () => undefined,
    outbox: () => degraded('no event could be published'),
    broker: async () => {
      throw new Error('no route');
    },
  });
  const { status, text } = await ask('/metrics', {}, metrics);
  expect(status).toBe(200);
  for (const line of [
    'renewals_total 3',
    'metric_collection_failed{metric="broken_total"} 1',
    'readiness_check_ok{check="store"} 1',
    'readiness_check_ok{check="outbox"} 0',
    'readiness_check_ok{check="broker"} 0',
  ]) {
    expect(text.split('\n')).toContain(line);
  }
});

test('another path is not found', async () => {
  expect((await ask('/')).status).toBe(404);
});

test('the clock is moved to where it is told, where it may be moved at all', async () => {
  const clock = createShiftableClock({ nowMs: () => 0 });
  const metrics = new Registry();
  const options = { host: '127.0.0.1', port: 0, metrics, readiness: {} };
  server = await createInternalServer({ ...options, clock });
  const { port } = server;
  const post = (body: string) => fetch(`http://127.0.0.1:${port}/clock`, { method: 'POST', body });
  for (const told of [3_600_000, 3_600_000, 60_000]) {
    const answer = await post(JSON.stringify({ offsetMs: told }));
    expect(await answer.text()).toBe('1970-01-01T01:00:00.000Z\n');
  }
  for (const wrong of ['', '{}', '{"offsetMs": -1}', '{"offsetMs": "1"}', `"${'x'.repeat(2_000)}"`])
    expect((await post(wrong)).status).toBe(400);
  const now = await fetch(`http://127.0.0.1:${port}/clock`);
  expect(await now.json()).toEqual({ offsetMs: 3_600_000 });
});

test('nobody moves the clock of a process that is not meant for it', async () => {
  expect((await ask('/clock')).status).toBe(404);
});

test('a port that is taken is an error of the start', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo;
  await expect(
    createInternalServer({ host: '127.0.0.1', port, metrics: new Registry(), readiness: {} }),
  ).rejects.toMatchObject({ code: 'EADDRINUSE' });
  other.close();
});
