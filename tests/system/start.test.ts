import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createBearerToken } from '@credential-renewal/demo-provider';
import type { Source } from '@credential-renewal/gateway/http-types';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDemoControls } from './demo-controls.ts';
import { grantsOf } from './demo-grants.ts';
import { listenToEvents } from './event-listener.ts';
import { freePorts } from './free-ports.ts';
import { type Person, signIn } from './person.ts';
import { launch, type StandaloneProcess, startStandaloneProcess } from './standalone-process.ts';
import { until } from './until.ts';

let standalone: StandaloneProcess;
let ada: Person;
let sourceId: string;
/** Everything of these tests that is no standalone's own. */
let directory: string;
/** A copy of the data of a run that has ended, with one source in it. */
let template: string;
const takenPorts: Server[] = [];

beforeAll(async () => {
  standalone = await startStandaloneProcess({ DEMO_SOURCES: 'false', WORKER_INTERVAL_MS: '200' });
  ada = await signIn(standalone, 'ada');
  const source = { connectorId: 'orchard-drive', name: 'Kept' };
  sourceId = (await ada.addSource(source, 'ada@acme.example')).id;
  directory = mkdtempSync(join(tmpdir(), 'cr-start-'));
  template = join(directory, 'template');
}, 60_000);
afterAll(async () => {
  await standalone?.dispose();
  for (const server of takenPorts) server.close();
  rmSync(directory, { recursive: true, force: true });
});

/** The worker gets tokens for it, and the provider takes them. */
async function expectSync({ lastSyncedAt: before }: Source): Promise<void> {
  await until(async () => {
    const { lastSyncedAt } = await ada.source(sourceId);
    expect(Date.parse(lastSyncedAt ?? '')).toBeGreaterThan(Date.parse(before ?? '1970-01-01'));
  });
}

/** Events keep a connection open for ever, so this is what a stop must not wait for. */
async function keepListening() {
  const token = await createBearerToken(`${standalone.demoUrl}/identity`, 'ada');
  return listenToEvents(standalone, token);
}

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s ends it well within five seconds, and the next start finds everything: session, source, grant, tokens',
  async (signal) => {
    const before = await ada.source(sourceId);
    const listener = await keepListening();
    const startedMs = performance.now();
    expect(await standalone.end(signal)).toBe(0);
    expect(performance.now() - startedMs).toBeLessThan(5_000);
    listener.stop();
    if (!existsSync(template)) cpSync(standalone.dataDirectory, template, { recursive: true });

    await standalone.restart();
    const after = await ada.source(sourceId);
    expect(after).toMatchObject({ name: 'Kept', credential: before.credential });
    await expectSync(before);
    const controls = createDemoControls(standalone.demoUrl);
    expect(await grantsOf(controls, 'orchard', 'ada@acme.example')).toMatchObject([
      { alive: true },
    ]);
  },
);

test('data and keys are for their owner alone to read', () => {
  const files = ['', 'keys', 'keys/vault.key', 'keys/session.key', 'credential-vault.db', 'demo'];
  for (const file of files) {
    const mode = statSync(join(standalone.dataDirectory, file)).mode & 0o077;
    expect({ file, mode }).toEqual({ file, mode: 0 });
  }
});

/** A data directory of its own, filled from the template or empty. */
function makeDataDirectory({ filled = false } = {}): string {
  const data = join(mkdtempSync(join(directory, 'of-a-test-')), 'data');
  if (filled) cpSync(template, data, { recursive: true });
  return data;
}

/** Starts it and expects a plain sentence and exit code 1; answers with what it said. */
async function refusalOf(env: Record<string, string>): Promise<string> {
  const [port, demoPort, internalPort] = await freePorts(3);
  const running = launch({
    PORT: String(port),
    DEMO_PORT: String(demoPort),
    INTERNAL_PORT: String(internalPort),
    DEMO_SOURCES: 'false',
    ...env,
  });
  const started = await running.ready.then(
    () => true,
    () => false,
  );
  if (started) await running.end('SIGKILL');
  expect(started).toBe(false);
  expect(await running.ended).toBe(1);
  expect(running.errors()).not.toMatch(/^ +at /m);
  expect(running.errors()).not.toMatch(/Error:/);
  return running.errors();
}

async function takePort(host: string): Promise<string> {
  const server = createServer();
  takenPorts.push(server);
  await new Promise<void>((done) => server.listen(0, host, done));
  return String((server.address() as { port: number }).port);
}

describe.concurrent('what keeps it from starting is told in a plain sentence', () => {
  test.each([
    ['PORT', 'localhost'],
    ['DEMO_PORT', 'localhost'],
    ['INTERNAL_PORT', '127.0.0.1'],
  ])('a taken %s is named, with the way out', async (variable, host) => {
    const port = await takePort(host);
    const told = await refusalOf({ DATA_DIR: makeDataDirectory(), [variable]: port });
    expect(told).toContain(`Port ${port} is taken`);
    expect(told).toContain(`${variable}=`);
  });

  test('every setting that makes no sense is named at once', async () => {
    const told = await refusalOf({
      DATA_DIR: makeDataDirectory(),
      PORT: 'http',
      LOG_LEVEL: 'loud',
      SWEEP_INTERVAL_MS: '-1',
    });
    for (const variable of ['PORT', 'LOG_LEVEL', 'SWEEP_INTERVAL_MS'])
      expect(told).toContain(variable);
  });

  test('a file where DATA_DIR should be, or above it, is told and left as it is', async () => {
    const file = makeDataDirectory();
    writeFileSync(file, 'my own notes');
    for (const dataDirectory of [file, join(file, 'below')]) {
      const told = await refusalOf({ DATA_DIR: dataDirectory });
      expect(told).toContain(`DATA_DIR (${dataDirectory})`);
    }
    expect(readFileSync(file, 'utf8')).toBe('my own notes');
  });

  test('a second copy on the same DATA_DIR is refused, and the first goes on', async () => {
    const told = await refusalOf({ DATA_DIR: standalone.dataDirectory });
    expect(told).toContain(`DATA_DIR (${standalone.dataDirectory}) is in use`);
    expect((await ada.source(sourceId)).credential.status).toBe('healthy');
  });

  const databases = ['credential-vault.db', 'demo-provider.db', 'events/events.db'];

  test.each(databases)('a damaged %s is named and not written to', async (name) => {
    const data = makeDataDirectory({ filled: true });
    const path = join(data, name);
    expect(existsSync(path)).toBe(true);
    const damaged = Buffer.from('this was a database once '.repeat(400));
    writeFileSync(path, damaged);
    const told = await refusalOf({ DATA_DIR: data });
    expect(told).toContain(path);
    expect(readFileSync(path).equals(damaged)).toBe(true);
  });

  test("another program's database is named and not written to", async () => {
    const data = makeDataDirectory({ filled: true });
    const path = join(data, 'source-registry.db');
    rmSync(path);
    const foreign = new DatabaseSync(path);
    foreign.exec("CREATE TABLE recipe (name TEXT); INSERT INTO recipe VALUES ('soup')");
    foreign.close();
    const bytes = readFileSync(path);
    expect(await refusalOf({ DATA_DIR: data })).toContain(path);
    expect(readFileSync(path).equals(bytes)).toBe(true);
  });

  test("one service's database in the place of another's is told", async () => {
    const data = makeDataDirectory({ filled: true });
    const path = join(data, 'oauth-broker.db');
    cpSync(join(data, 'notification.db'), path);
    const bytes = readFileSync(path);
    expect(await refusalOf({ DATA_DIR: data })).toContain(path);
    expect(readFileSync(path).equals(bytes)).toBe(true);
  });

  test('tokens without their key are told at the start, and no new key is made', async () => {
    const data = makeDataDirectory({ filled: true });
    const key = join(data, 'keys', 'vault.key');
    rmSync(key);
    const told = await refusalOf({ DATA_DIR: data });
    expect(told).toContain(key);
    expect(told).toContain('missing');
    expect(existsSync(key)).toBe(false);
  });

  test.each([
    ['of another vault', Buffer.alloc(32, 7).toString('base64url')],
    ['that is too short', 'c2hvcnQ'],
  ])('a key %s is told at the start and left as it is', async (_what, text) => {
    const data = makeDataDirectory({ filled: true });
    const key = join(data, 'keys', 'vault.key');
    writeFileSync(key, text);
    const told = await refusalOf({ DATA_DIR: data });
    expect(told).toContain(key);
    expect(readFileSync(key, 'utf8')).toBe(text);
  });

  test('a session key that cannot be one is told at the start and left as it is', async () => {
    const data = makeDataDirectory({ filled: true });
    const key = join(data, 'keys', 'session.key');
    writeFileSync(key, 'short');
    expect(await refusalOf({ DATA_DIR: data })).toContain(key);
    expect(readFileSync(key, 'utf8')).toBe('short');
  });
});

test('after a refusal the data are as good as before: with the right key back, everything is there', async () => {
  await standalone.end();
  const key = join(standalone.dataDirectory, 'keys', 'vault.key');
  const right = readFileSync(key);
  writeFileSync(key, Buffer.alloc(32, 7).toString('base64url'));
  await refusalOf({ DATA_DIR: standalone.dataDirectory });
  writeFileSync(key, right);
  await standalone.restart();
  await expectSync(await ada.source(sourceId));
});

test('other ports on the same data are refused with the way out: people are known by the demo world’s address', async () => {
  await standalone.end();
  const told = await refusalOf({ DATA_DIR: standalone.dataDirectory });
  expect(told).toContain(
    `PORT=${new URL(standalone.gatewayUrl).port} and DEMO_PORT=${new URL(standalone.demoUrl).port}`,
  );
  await standalone.restart();
  await expectSync(await ada.source(sourceId));
});

test('an empty directory that exists already is used', async () => {
  const data = makeDataDirectory();
  mkdirSync(data, { recursive: true });
  const fresh = await startStandaloneProcess({ DATA_DIR: data, DEMO_SOURCES: 'false' });
  await fresh.dispose();
  expect(existsSync(join(data, 'keys', 'vault.key'))).toBe(true);
});
