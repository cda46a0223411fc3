import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { createVisitor, type Visitor } from '@credential-renewal/demo-provider';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createDemoControls } from '../system/demo-controls.ts';
import { sumOf } from '../system/read-metrics.ts';
import { type StandaloneProcess, startStandaloneProcess } from '../system/standalone-process.ts';
import { findBrokenSequences, readEvents } from './event-history.ts';
import { canBeFull, openSmallDisk, type SmallDisk } from './small-disk.ts';

const waiting = { timeout: 90_000, interval: 250 };
/** Of failed calls: more than a log keeps in memory. */
const failuresToTell = 1_000;

type Source = { name: string; lastSyncedAt: string | null; credential: { status: string } };

// Elsewhere neither a small file system nor a limit can be had.
describe.skipIf(!canBeFull)('the product on one disk that is full', () => {
  let disk: SmallDisk;
  let standalone: StandaloneProcess;
  let controls: ReturnType<typeof createDemoControls>;
  let ada: Visitor;

  beforeAll(async () => {
    disk = openSmallDisk();
    // The providers are somebody else's, and their disks are not full.
    if (disk.kind === 'file system') {
      const file = 'demo-provider.db';
      symlinkSync(join(disk.elsewhere, file), join(disk.directory, file));
    }
    standalone = await startStandaloneProcess({
      ...disk.env,
      ...{ DATA_DIR: disk.directory, DEMO_SOURCES: 'false', LOG_LEVEL: 'debug' },
      ...{ WORKER_INTERVAL_MS: '50', SWEEP_INTERVAL_MS: '100' },
      ...{ REFRESH_HTTP_TIMEOUT_MS: '1000', REFRESH_LEASE_MS: '2500' },
      // Short, so that there is something to store all the time.
      DEMO_ACCESS_TOKEN_SECONDS: '4',
    });
    controls = createDemoControls(standalone.demoUrl);
    ada = createVisitor({ gatewayUrl: standalone.gatewayUrl });
    await ada.signIn('ada');
  });
  afterAll(async () => {
    await standalone?.dispose();
    disk?.dispose();
  });

  async function create(connectorId: string, name: string): Promise<string> {
    const path = '/api/v1/sources';
    const created = await ada.call<{ authorization: { authorizationUrl: string } }>('POST', path, {
      ...{ connectorId, name },
    });
    return created.authorization.authorizationUrl;
  }

  async function sources(): Promise<Map<string, Source>> {
    const { items } = await ada.call<{ items: Source[] }>('GET', '/api/v1/my-sources');
    return new Map(items.map((source) => [source.name, source]));
  }

  const readiness = async () => {
    const answer = await fetch(`${standalone.internalUrl}/readyz`);
    return { status: answer.status, text: await answer.text() };
  };

  const failures = async () =>
    sumOf(
      await standalone.metrics(),
      'rpc_server_request_duration_seconds_count',
      'code="UNAVAILABLE"',
    );

  async function expectSyncedSince(sinceMs: number, ...names: string[]): Promise<void> {
    await vi.waitFor(async () => {
      const found = await sources();
      for (const name of names) {
        expect(found.get(name)?.credential.status).toBe('healthy');
        expect(Date.parse(found.get(name)?.lastSyncedAt ?? '')).toBeGreaterThan(sinceMs);
      }
    }, waiting);
  }

  test('it says so, reads are served, and with room again it goes on by itself: nothing is lost, nobody dies of it, each is told once', async () => {
    for (const [name, connector] of [
      ['Rotating', 'revolve-box'],
      ['Steady', 'orchard-drive'],
      ['Doomed', 'orchard-drive'],
    ] as const) {
      const account = `${name.toLowerCase()}@provider.example`;
      await ada.authorize(await create(connector, name), { account });
    }
    await expectSyncedSince(0, 'Rotating', 'Steady', 'Doomed');

    const doom = () => controls.withdraw('orchard', 'doomed@provider.example');
    // Where the providers share the limit, they could not note it later.
    if (disk.kind === 'limit') await doom();
    disk.fill(standalone.pid());
    if (disk.kind === 'file system') await doom();

    await vi.waitFor(async () => {
      const { status, text } = await readiness();
      expect(text).toMatch(/vault store.*credential-vault\.db cannot be used/);
      expect(status).toBe(200);
    }, waiting);
    const measured = await standalone.metrics();
    expect(sumOf(measured, 'readiness_check_ok', 'check="vault store"')).toBe(0);
    expect([...(await sources()).keys()].sort()).toEqual(['Doomed', 'Rotating', 'Steady']);
    await expect(create('orchard-drive', 'Too late')).rejects.toThrow('503 DATABASE_UNAVAILABLE');
    await vi.waitFor(async () => expect(await failures()).toBeGreaterThan(failuresToTell), waiting);
    expect(standalone.output()).toContain('cannot be written');

    const roomAtMs = Date.now();
    disk.makeRoom(standalone.pid());
    await expectSyncedSince(roomAtMs, 'Rotating', 'Steady');
    await vi.waitFor(async () => {
      expect((await sources()).get('Doomed')?.credential.status).toBe('expired');
      expect((await readiness()).text.trim()).toBe('ok');
    }, waiting);
    await vi.waitFor(async () => expect(await controls.mails()).toHaveLength(1), waiting);
    expect(standalone.output()).toMatch(/is written again; \d+ lines of it are lost/);
    const told = standalone.log().trimEnd().split('\n').slice(-100);
    expect(told.filter((line) => Date.parse(JSON.parse(line).time) > roomAtMs)).not.toEqual([]);
  }, 300_000);

  test('a process that was ended or killed on it starts on it too, and is whole when there is room', async ({
    skip,
  }) => {
    skip(disk.kind === 'limit', 'a process that is started again would be without the limit');
    disk.fill(standalone.pid());
    expect(await standalone.end('SIGTERM')).toBe(0);
    for (let start = 0; start < 2; start++) await standalone.restart();
    await ada.signIn('ada');
    expect([...(await sources()).keys()]).toHaveLength(3);
    const roomAtMs = Date.now();
    disk.makeRoom(standalone.pid());
    await expectSyncedSince(roomAtMs, 'Rotating', 'Steady');
  }, 300_000);

  test('the events tell one history without a gap', async () => {
    expect(await standalone.end('SIGTERM')).toBe(0);
    expect(await readEvents(disk.directory, 'credential.expired')).toHaveLength(1);
    for (const topic of ['credential.state', 'source.credential-state']) {
      expect(findBrokenSequences(await readEvents(disk.directory, topic))).toEqual([]);
    }
  });
});
