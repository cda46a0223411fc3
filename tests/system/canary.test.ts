import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Authorization } from '@credential-renewal/gateway/http-types';
import { OauthBrokerServiceService } from '@credential-renewal/proto/oauth_broker/v1/oauth_broker';
import { startTraceCollector, type TraceCollector } from '@credential-renewal/runtime/testing';
import { afterAll, beforeAll, expect } from 'vitest';
import { createBrowser } from './browser.ts';
import { createDemoControls } from './demo-controls.ts';
import { signIn } from './person.ts';
import { type Product, startProduct, productTest as test } from './product.ts';
import { until } from './until.ts';

let product: Product;
let collector: TraceCollector;
let controls: ReturnType<typeof createDemoControls>;

beforeAll(async () => {
  collector = await startTraceCollector();
  product = await startProduct({
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
    DEMO_SOURCES: 'false',
    LOG_LEVEL: 'debug',
    WORKER_INTERVAL_MS: '200',
    SWEEP_INTERVAL_MS: '200',
    DIGEST_WINDOW_MS: '1',
  });
  controls = createDemoControls(product.demoUrl);
});
afterAll(async () => {
  await product?.dispose();
  await collector?.close();
});

const secretModels = ['AccessToken', 'RefreshToken', 'AuthorizationCode'];

/** Every token and code that the providers ever issued and still remember, and the product's secrets at them. */
function issuedByProviders(): string[] {
  const database = new DatabaseSync(join(product.demoDirectory, 'demo-provider.db'));
  const rows = database.prepare('SELECT model, id FROM record').all() as {
    model: string;
    id: string;
  }[];
  database.close();
  const issued = rows.filter(({ model }) => secretModels.includes(model)).map(({ id }) => id);
  const demo = join(product.demoDirectory, 'demo');
  const clientSecrets = readdirSync(demo)
    .filter((name) => name.endsWith('-client-secret'))
    .map((name) => readFileSync(join(demo, name), 'utf8').trim());
  expect(clientSecrets).toHaveLength(5);
  return [...issued, ...clientSecrets];
}

/** A full turn of the loop at every provider: authorized, used, refreshed, withdrawn, mailed, renewed, deleted. */
async function turnTheLoop(): Promise<string[]> {
  const planted: string[] = [];
  const [ada, alma] = await Promise.all([signIn(product, 'ada'), signIn(product, 'alma')]);
  const account = 'ada@acme.example';
  const connection = await alma.addConnection('Acme Chatter', 'Acme');
  await ada.addSource({
    connectorId: 'chatter-enterprise',
    name: 'Chat',
    authorizedConnectionId: connection.id,
  });
  const sources = [];
  for (const connectorId of ['orchard-drive', 'revolve-box', 'helpline-desk'])
    sources.push(await ada.addSource({ connectorId, name: connectorId }, account));
  const broker = product.connect(OauthBrokerServiceService, 'broker', {
    deadlineMs: 20_000,
  });
  const read = async ({ id }: { id: string }) => {
    const { accessToken } = await broker.getAccessToken({
      accountId: ada.me.account.id,
      target: { $case: 'sourceId', value: id },
      minimumRemainingLife: undefined,
      worker: 'system-test',
    });
    planted.push(accessToken);
  };
  for (const source of sources) await read(source);
  await controls.advanceClock(3_601);
  for (const source of sources) await read(source);
  broker.close();

  await controls.withdraw('orchard', account);
  await controls.withdraw('chatter', 'Acme');
  const [orchard, revolve] = sources;
  await ada.untilStatus(orchard?.id ?? '', 'expired');
  await until(async () => expect(await controls.mails()).toHaveLength(2));
  const begun = await ada.call<Authorization>(
    'POST',
    `/api/v1/my-sources/${orchard?.id}/renewals`,
    {},
  );
  // Step by step, since what the browser carries is to be looked for as well.
  const browser = createBrowser(product.gatewayUrl);
  await browser.signIn('ada');
  const callback = await browser.leave(begun.authorizationUrl, { account });
  for (const name of ['code', 'state']) planted.push(callback.searchParams.get(name) ?? '');
  for (const cookie of browser.jar.header(callback).split('; '))
    planted.push(cookie.slice(cookie.indexOf('=') + 1));
  await browser.open(callback);
  expect((await ada.source(orchard?.id ?? '')).credential.status).toBe('healthy');
  // Of another account: a candidate that is dropped.
  const wrong = await ada.renew(`/my-sources/${orchard?.id}`, { account: 'else@orchard.example' });
  expect(wrong.status).toBe('wrong_account');
  await alma.renew(`/authorized-connections/${connection.id}`, { account: 'Acme' });
  await ada.call('DELETE', `/api/v1/sources/${revolve?.id}`);
  return planted;
}

test('no token, code, state, browser secret or client secret is in anything that the product keeps after a full run', async () => {
  const planted = await turnTheLoop();
  expect(await product.end()).toBe(0);
  const issued = issuedByProviders();
  expect(issued.length).toBeGreaterThan(20);
  // What was handed out is among what is looked for, or the search would be for nothing.
  expect(planted.some((token) => issued.includes(token))).toBe(true);
  const secrets = [...new Set([...planted, ...issued])];
  expect(secrets.every((secret) => secret.length > 15)).toBe(true);

  const traces = { name: 'traces', bytes: Buffer.from(collector.bodies().join('\n')) };
  expect(traces.bytes.length).toBeGreaterThan(10_000);
  const kept = [...(await product.everythingKept()), traces];
  const writers = ['credential-vault', 'source-registry', 'oauth-broker', 'notification'];
  for (const word of [...writers, 'events', 'log', 'vault.key', 'session.key'])
    expect(kept.map(({ name }) => name)).toContainEqual(expect.stringContaining(word));
  // What may be kept is found in it, so what may not be would be.
  expect(kept.filter(({ bytes }) => bytes.includes('helpline-desk')).length).toBeGreaterThan(1);
  const found = kept.flatMap(({ name, bytes }) => {
    const hits = secrets.filter((secret) => bytes.includes(secret));
    return hits.length > 0 ? [`${name}: ${hits.length}`] : [];
  });
  expect(found).toEqual([]);
});
