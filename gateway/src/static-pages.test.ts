import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { explainStartError } from './app.ts';
import { ids } from './testing/fake-services.ts';
import { type GatewayWorld, startGatewayWorld } from './testing/gateway-world.ts';

let directory: string;
let world: GatewayWorld;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'ui-'));
  await mkdir(join(directory, 'assets'));
  await writeFile(join(directory, 'index.html'), '<!doctype html><title>pages</title>');
  await writeFile(join(directory, 'assets', 'index-abc123.js'), 'export {};');
  world = await startGatewayWorld({ config: { uiDirectory: directory } });
});
afterAll(async () => {
  await world.stop();
  await rm(directory, { recursive: true });
});

test.each([
  '/',
  '/my-sources?authorization=1',
  '/workspaces',
  `/workspaces/${ids.workspace}`,
  '/authorized-connections',
  `/sources/${ids.source}`,
])('%s is a page, asked for anew each time', async (path) => {
  const response = await world.fetch(path);
  expect(response.status).toBe(200);
  expect(await response.text()).toContain('<title>pages</title>');
  expect(response.headers.get('cache-control')).toBe('no-cache');
});

test('a hashed asset may be kept for ever', async () => {
  const response = await world.fetch('/assets/index-abc123.js');
  expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  expect(response.headers.get('content-type')).toContain('javascript');
});

test.each(['/nothing', '/assets/none.js', '/..%2f..%2fetc%2fpasswd', '/.env'])(
  '%s is 404',
  async (path) => {
    expect((await world.fetch(path)).status).toBe(404);
  },
);

test('a person who mistypes an address gets the pages, a program a problem document', async () => {
  const person = await world.fetch('/my-souces', { headers: { accept: 'text/html,*/*' } });
  expect(person.status).toBe(404);
  expect(await person.text()).toContain('<title>pages</title>');
  const program = await world.fetch('/my-souces', { headers: { accept: 'application/json' } });
  expect(program.headers.get('content-type')).toContain('application/problem+json');
  const api = await world.fetch('/api/v1/nothing', { headers: { accept: 'text/html' } });
  expect(api.headers.get('content-type')).toContain('application/problem+json');
});

test('pages are sent with a policy that runs no foreign script and lets nobody frame them', async () => {
  const { headers } = await world.fetch('/');
  const policy = headers.get('content-security-policy') ?? '';
  expect(policy).toContain("script-src 'self';");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('strict-transport-security')).toBeNull();
});

test('without a build every page says how to make one', async () => {
  const own = await startGatewayWorld({ config: { uiDirectory: join(directory, 'none') } });
  const response = await own.fetch('/my-sources');
  await own.stop();
  expect(response.status).toBe(503);
  expect(await response.text()).toContain('npm run build --workspace gateway/ui');
});

test('a port that is taken is told in a sentence', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  const { port } = other.address() as AddressInfo;
  const error = await startGatewayWorld({ config: { port } }).catch((reason: unknown) => reason);
  other.close();
  expect(explainStartError(error)).toBe(
    `Port ${port} is taken by another program. Choose another with PORT.`,
  );
});
