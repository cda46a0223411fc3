import { randomBytes } from 'node:crypto';
import { createBearerToken } from '@credential-renewal/demo-provider';
import type {
  Authorization,
  AuthorizationOutcome,
  Source,
} from '@credential-renewal/gateway/http-types';
import { OauthBrokerServiceService } from '@credential-renewal/proto/oauth_broker/v1/oauth_broker';
import type { RpcClient } from '@credential-renewal/rpc';
import { currentTraceparent, runWithTrace } from '@credential-renewal/runtime';
import {
  type CollectedSpan,
  startTraceCollector,
  type TraceCollector,
} from '@credential-renewal/runtime/testing';
import { afterAll, beforeAll, expect } from 'vitest';
import { type Browser, createBrowser } from './browser.ts';
import { createDemoControls } from './demo-controls.ts';
import { type Person, signIn } from './person.ts';
import { type Product, startProduct, productTest as test } from './product.ts';
import { until } from './until.ts';

type LogLine = { service: string; msg: string; trace_id?: string; rpc?: string; route?: string };

const account = 'ada@acme.example';

let product: Product;
let collector: TraceCollector;
let controls: ReturnType<typeof createDemoControls>;
let broker: RpcClient<typeof OauthBrokerServiceService>;
let ada: Person;
let browser: Browser;
let source: Source;
let bearer: string;
/** What must be in no line of the log. */
const secrets = new Set<string>();

beforeAll(async () => {
  // Every call leaves a line: whatever may be logged is.
  collector = await startTraceCollector();
  product = await startProduct({
    DEMO_SOURCES: 'false',
    LOG_LEVEL: 'debug',
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
  });
  controls = createDemoControls(product.demoUrl);
  await controls.post('/worker', { paused: true });
  broker = product.connect(OauthBrokerServiceService, 'broker', {
    deadlineMs: 20_000,
  });
  ada = await signIn(product, 'ada');
  browser = createBrowser(product.gatewayUrl);
  await browser.signIn('ada');
  bearer = await createBearerToken(`${product.demoUrl}/identity`, 'ada');
  secrets.add(bearer);
  source = await ada.addSource({ connectorId: 'orchard-drive', name: 'Reports' }, account);
});
afterAll(async () => {
  broker?.close();
  await product?.dispose();
  await collector?.close();
});

function newTrace() {
  const traceId = randomBytes(16).toString('hex');
  return { traceId, traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-01` };
}

/** The lines of one trace, in the order they were written. */
function linesOf(traceId: string): LogLine[] {
  return product
    .log()
    .split('\n')
    .filter((line) => line.includes(traceId))
    .map((line) => JSON.parse(line) as LogLine);
}

const target = () => ({ $case: 'sourceId', value: source.id }) as const;

async function readToken() {
  const token = await broker.getAccessToken({
    accountId: ada.me.account.id,
    target: target(),
    minimumRemainingLife: undefined,
    worker: 'system-test',
  });
  secrets.add(token.accessToken);
  return token;
}

test("one trace leads from a worker's report to the mail", async () => {
  const { traceId, traceparent } = newTrace();
  const { tokenHash } = await readToken();
  await controls.withdraw('orchard', account);
  let own = '';
  await runWithTrace(traceparent, () => {
    own = currentTraceparent() ?? '';
    return broker.reportRejectedToken({
      accountId: ada.me.account.id,
      target: target(),
      tokenHash,
      worker: 'system-test',
    });
  });
  const lines = await until(() => {
    const found = linesOf(traceId);
    expect(found.map(({ msg }) => msg)).toContain('mail sent');
    // Each process writes for itself: the last step may be heard of before those that led to it.
    expect(found.map(({ rpc }) => rpc)).toEqual(
      expect.arrayContaining([
        'credential_vault.v1.CredentialVaultService/ReportRejectedToken',
        'credential_vault.v1.CredentialVaultService/CompleteAttempt',
        'oauth_broker.v1.OauthBrokerService/ReportRejectedToken',
      ]),
    );
    return found;
  });
  expect(new Set(lines.map(({ service }) => service))).toContain('notification');
  expect(await controls.mails()).toHaveLength(1);
  await expectSpansToMail(own);
});

/** The recorded way of it: each step is the child of the one that caused it, up to the worker's own call. */
async function expectSpansToMail(traceparent: string): Promise<void> {
  const [, traceId, workerSpanId] = traceparent.split('-');
  const steps = [
    'oauth_broker.v1.OauthBrokerService/ReportRejectedToken server',
    'credential_vault.v1.CredentialVaultService/CompleteAttempt client',
    'credential_vault.v1.CredentialVaultService/CompleteAttempt server',
    'process credential.state consumer',
    'source_registry.v1.SourceRegistryService/DescribeCredentialUses client',
    'source_registry.v1.SourceRegistryService/DescribeCredentialUses server',
  ];
  // Each process sends its spans in batches of its own: until the last has come, parents are missing.
  await until(() => expectWayToMail({ traceId, workerSpanId, steps }));
}

function expectWayToMail(of: { traceId?: string; workerSpanId?: string; steps: string[] }): void {
  const { traceId, workerSpanId, steps } = of;
  const spans = collector.spans().filter((span) => span.traceId === traceId);
  expect(spans.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['mail sent', 'send credential.state', ...steps.map(withoutKind)]),
  );
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  /** From a span to the worker's. */
  const wayUp = (span: CollectedSpan | undefined): string[] =>
    span ? [...wayUp(byId.get(span.parentSpanId ?? '')), told(span)] : [];
  // None hangs in the air: every parent is recorded, but for that of the worker, who is not ours.
  const lost = spans.filter(({ parentSpanId = '' }) => !byId.has(parentSpanId));
  expect(lost.map(({ parentSpanId }) => parentSpanId)).toEqual(lost.map(() => workerSpanId));
  const describe = spans.find((span) => told(span) === steps.at(-1));
  const way = wayUp(describe);
  expect(way.filter((step) => steps.includes(step))).toEqual(steps);
  // The mail was caused by what the consumer of the event was told.
  const mail = spans.find(({ name }) => name === 'mail sent');
  expect(wayUp(mail).slice(0, -1)).toEqual(way.slice(0, way.indexOf(steps[3] ?? '') + 1));
  // The provider was asked, and no more of it is told than its host.
  const asked = spans.find(({ attributes }) => attributes['http.request.method'] === 'POST');
  expect(asked?.name).toMatch(/^POST localhost:\d+$/);
}

const kindNames = ['', 'internal', 'server', 'client', 'producer', 'consumer'];
const told = ({ name, kind }: CollectedSpan) => `${name} ${kindNames[kind]}`;
const withoutKind = (step: string) => step.slice(0, step.lastIndexOf(' '));

test('one trace leads from the click on Renew credentials through the provider to the registry and the pages', async () => {
  const { traceId, traceparent } = newTrace();
  const path = `/api/v1/my-sources/${source.id}/renewals`;
  const answer = await fetch(new URL(path, product.gatewayUrl), {
    method: 'POST',
    headers: { authorization: `Bearer ${bearer}`, traceparent },
  });
  expect(answer.status).toBe(201);
  const begun = (await answer.json()) as Authorization;
  const callback = await browser.leave(begun.authorizationUrl, { account });
  for (const name of ['code', 'state']) secrets.add(callback.searchParams.get(name) ?? '');
  for (const cookie of browser.jar.header(callback).split('; '))
    secrets.add(cookie.slice(cookie.indexOf('=') + 1));
  await browser.open(callback);
  const outcome = await ada.call<AuthorizationOutcome>('GET', `/api/v1/authorizations/${begun.id}`);
  expect(outcome.status).toBe('succeeded');
  await until(() =>
    expect(linesOf(traceId).map(({ rpc, route }) => rpc ?? route)).toEqual(
      expect.arrayContaining([
        '/api/v1/my-sources/:sourceId/renewals',
        'oauth_broker.v1.OauthBrokerService/StartRenewal',
        'source_registry.v1.SourceRegistryService/AuthorizeRenewal',
        'credential_vault.v1.CredentialVaultService/CommitCandidate',
        'source_registry.v1.SourceRegistryService/ApplyCredentialState',
      ]),
    ),
  );
  await until(() =>
    expect(
      collector
        .spans()
        .filter((span) => span.traceId === traceId)
        .map(told),
    ).toEqual(
      expect.arrayContaining([
        'POST /api/v1/my-sources/:sourceId/renewals server',
        'oauth_broker.v1.OauthBrokerService/StartRenewal client',
        'complete authorization internal',
        'credential_vault.v1.CredentialVaultService/CommitCandidate server',
      ]),
    ),
  );
  await readToken();
});

test('what is no trace is not taken for one', async () => {
  const marker = 'not-a-trace-but-a-marker';
  const answer = await fetch(new URL('/api/v1/me', product.gatewayUrl), {
    headers: { authorization: `Bearer ${bearer}`, traceparent: marker },
  });
  expect(answer.status).toBe(200);
  expect(product.log()).not.toContain(marker);
});

test('no line of the log and no span holds a token, code, state, cookie or e-mail address, not even after trouble', async () => {
  // Trouble is when programs talk too much.
  const { exchangeTrouble } = await makeTrouble();
  expect(exchangeTrouble).toBe('failed');
  const log = await until(() => {
    const text = product.log();
    expect(text).toContain('a code exchange failed');
    return text;
  });
  // The spans of what came last are on their way for two seconds.
  const known = collector.bodies().length;
  await until(() => expect(collector.bodies().length).toBeGreaterThan(known));
  const traces = collector.bodies().join('');
  expect(traces).toContain('/oauth/callback');
  expect(secrets.size).toBeGreaterThanOrEqual(6);
  for (const secret of secrets) {
    expect(secret.length).toBeGreaterThan(15);
    expect(log.includes(secret)).toBe(false);
    expect(traces.includes(secret)).toBe(false);
  }
  expect(traces.match(/[\w.-]+@[\w-]+\.example/g)).toBeNull();
  expect(log.match(/[\w.-]+@[\w-]+\.example/g)).toBeNull();
});

/** A spoiled code, a broken token endpoint, a foreign callback, a forged token and unreadable bodies. */
async function makeTrouble() {
  const begun = await ada.call<Authorization>(
    'POST',
    `/api/v1/my-sources/${source.id}/renewals`,
    {},
  );
  const callback = await browser.leave(begun.authorizationUrl, { account });
  const code = randomBytes(32).toString('base64url');
  secrets.add(code);
  secrets.add(callback.searchParams.get('state') ?? '');
  callback.searchParams.set('code', code);
  await browser.open(callback);
  await createBrowser(product.gatewayUrl).open(callback);
  await fetch(new URL(`/api/v1/me?token=${code}`, product.gatewayUrl), {
    headers: { authorization: `Bearer ${code}.${code}.${code}`, cookie: `session=${code}` },
  });
  await fetch(new URL('/api/v1/sources', product.gatewayUrl), {
    method: 'POST',
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
    body: `{"name": "${code}", "email": "${account}", `,
  });
  const { status } = await ada.call<AuthorizationOutcome>(
    'GET',
    `/api/v1/authorizations/${begun.id}`,
  );
  return { exchangeTrouble: status };
}
