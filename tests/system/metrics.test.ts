import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, vi } from 'vitest';
import { top } from '../check/source-files.ts';
import type { ProcessProduct } from '../processes/process-product.ts';
import { createDemoControls } from './demo-controls.ts';
import { signIn } from './person.ts';
import { productTest as test } from './product.ts';
import { metricTypes, sumOf } from './read-metrics.ts';
import { type StandaloneProcess, startStandaloneProcess } from './standalone-process.ts';
import { until } from './until.ts';

const inProcesses = process.env['TEST_PRODUCT'] === 'processes';
const account = 'ada@acme.example';

let product: StandaloneProcess | ProcessProduct;

vi.setConfig({ testTimeout: 120_000 });

beforeAll(async () => {
  const env = {
    DEMO_SOURCES: 'false',
    WORKER_INTERVAL_MS: '200',
    SWEEP_INTERVAL_MS: '200',
    DIGEST_WINDOW_MS: '1',
    // Nobody listens there: what is exposed does not depend on it.
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
  };
  product = inProcesses ? await startProcesses(env) : await startStandaloneProcess(env);
});
afterAll(() => product?.dispose());

/** Imported where it is asked for: in one process no servers are needed. */
async function startProcesses(env: Record<string, string>): Promise<ProcessProduct> {
  const { startProcessProduct } = await import('../processes/process-product.ts');
  return startProcessProduct(env);
}

type Documented = { name: string; type: string; where: string };

/** The rows of the tables of docs/metrics.md: `name`, type, labels, where, meaning, alert. */
function documented(): Documented[] {
  const text = readFileSync(join(top, 'docs/metrics.md'), 'utf8');
  return [...text.matchAll(/^\| `(\w+)` \|([^|]*)\|[^|]*\|([^|]*)\|/gm)].map(
    ([, name = '', type = '', where = '']) => ({ name, type: type.trim(), where: where.trim() }),
  );
}

/** Kafka and certificates are not part of a product in one process, and here no mail leaves the mailbox. */
const isExposed = ({ where }: Documented) =>
  !/where mails go out/.test(where) && (inProcesses || !/with (Kafka|certificates)/.test(where));

/** Node's own, which are documented as a whole. */
const isOfNode = (name: string) => /^(nodejs|process)_/.test(name);

test('the document tells of every metric that the product exposes, with its type, and of no other', async () => {
  const types = metricTypes(await product.metrics());
  const exposed = [...types].filter(([name]) => !isOfNode(name));
  const expected = documented()
    .filter(isExposed)
    .map(({ name, type }) => [name, type]);
  expect(exposed.sort()).toEqual(expected.sort());
  expect([...types.keys()].filter(isOfNode)).toEqual(
    expect.arrayContaining(['nodejs_eventloop_lag_seconds', 'process_resident_memory_bytes']),
  );
});

test('no metric could be not collected', async () => {
  for (const text of await product.metrics())
    expect(text).not.toContain('metric_collection_failed');
});

test('a death, its mail and its renewal leave their times and counts', async () => {
  const controls = createDemoControls(product.demoUrl);
  const ada = await signIn(product, 'ada');
  const source = await ada.addSource({ connectorId: 'orchard-drive', name: 'Reports' }, account);
  await ada.addSource({ connectorId: 'revolve-box', name: 'Box' }, account);
  await controls.withdraw('orchard', account);
  await ada.untilStatus(source.id, 'expired');
  await until(async () => expect(await controls.mails()).toHaveLength(1));
  await ada.renew(`/my-sources/${source.id}`, { account });

  await until(async () => {
    const texts = await product.metrics();
    const sum = (name: string, ...labels: string[]) => sumOf(texts, name, ...labels);
    expect(sum('notification_death_to_mail_seconds_count')).toBe(1);
    expect(sum('credential_vault_death_to_renewal_seconds_count', 'provider="orchard"')).toBe(1);
    expect(sum('credential_vault_death_to_renewal_seconds_sum')).toBeGreaterThan(0);
    expect(
      sum('refresh_attempts_total', 'provider="orchard"', 'outcome="grant_refused"'),
    ).toBeGreaterThan(0);
    expect(
      sum('event_handling_duration_seconds_count', 'outcome="done"', 'group="notification"'),
    ).toBeGreaterThan(0);
    const method = 'method="oauth_broker.v1.OauthBrokerService/GetAccessToken"';
    expect(sum('rpc_server_request_duration_seconds_count', method, 'code="OK"')).toBeGreaterThan(
      0,
    );
    expect(sum('gateway_http_request_duration_seconds_count', 'status="201"')).toBeGreaterThan(0);
    expect(sum('rpc_calls_refused_total')).toBe(0);
    if (!inProcesses) return;
    expect(sum('rpc_certificate_expiry_seconds')).toBeGreaterThan(Date.now() / 1000);
  });
});

test('credentials are counted by provider and state', async () => {
  // Counted every quarter of a minute at most.
  await until(async () => {
    const texts = await product.metrics();
    for (const provider of ['orchard', 'revolve'])
      expect(
        sumOf(texts, 'credential_vault_credentials', `provider="${provider}"`, 'status="healthy"'),
      ).toBeGreaterThan(0);
  }, 60_000);
});
