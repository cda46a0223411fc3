import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type MongoServer, startMongo } from '../servers/mongo-server.ts';
import { canStart } from '../servers/own-servers.ts';
import { freePorts } from '../system/free-ports.ts';
import { type SpawnedProcess, spawnNode } from '../system/spawned-process.ts';
import { until } from '../system/until.ts';
import { settingsFor } from './mongo-carriers.ts';

const startMs = 30_000;
/** What a process gives itself to drain, and a little. */
const stopMs = 22_000;

describe.skipIf(!canStart.mongodb)(
  'a service on MongoDB, as a process',
  { timeout: 120_000 },
  () => {
    let server: MongoServer;
    beforeAll(async () => {
      server = await startMongo({ own: true });
    });
    afterEach(async () => {
      await server.resume();
      await server.start();
    });
    afterAll(() => server?.stop());

    async function prepare(database: string) {
      const directory = mkdtempSync(join(tmpdir(), 'cr-ready-'));
      onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
      const [rpcPort, internalPort] = await freePorts(2);
      const env = {
        STORE_URL: settingsFor(server.url, database).url,
        LISTEN_ADDRESS: `127.0.0.1:${rpcPort}`,
        INTERNAL_PORT: `${internalPort}`,
        EVENT_LOG_URL: `embedded:${directory}`,
        REGISTRY_ADDRESS: '127.0.0.1:9',
        PUBLIC_URL: 'http://localhost:3000',
      };
      const run = (script: string): SpawnedProcess => {
        const child = spawnNode([`services/notification/src/${script}.ts`], env);
        onTestFinished(async () => void (await child.end('SIGKILL')));
        return child;
      };
      const ask = async (path: string) => {
        const response = await fetch(`http://127.0.0.1:${internalPort}/${path}`);
        return { status: response.status, text: await response.text() };
      };
      return { run, ask };
    }

    test('is told to be migrated, is migrated, and is ready while its database is', async () => {
      const { run, ask } = await prepare('readiness');
      const early = run('main');
      expect(await early.ended).toBe(1);
      expect(early.errors()).toMatch(
        /readiness has schema version 0, and this release needs \d+: run services\/notification\/src\/migrate\.ts with the same STORE_URL\.\n$/,
      );
      const migration = run('migrate');
      expect(await migration.ended).toBe(0);
      expect(migration.output()).toMatch(/readiness went from schema version 0 to \d+\.\n$/);

      const service = run('main');
      await service.printed('"msg":"ready"', startMs);
      expect(await ask('readyz')).toEqual({ status: 200, text: 'ok\n' });

      await server.kill();
      await until(async () => {
        const { status, text } = await ask('readyz');
        expect(status).toBe(503);
        expect(text).toMatch(/^store: no server can be written to since 20\S+Z: /m);
      }, startMs);
      expect((await ask('livez')).status).toBe(200);
      await server.start();
      await until(
        async () => expect(await ask('readyz')).toEqual({ status: 200, text: 'ok\n' }),
        startMs,
      );
      expect(await service.end('SIGTERM')).toBe(0);
    });

    test('does not start where its database is gone, and says so in a sentence', async () => {
      const { run } = await prepare('gone');
      await server.kill();
      const service = run('main');
      expect(await service.ended).toBe(1);
      expect(service.errors()).toMatch(
        /^mongodb:\/\/127\.0\.0\.1:\d+\/gone cannot be used: .*ECONNREFUSED.*\n$/,
      );
    });

    test('stops in time though its database hangs', async () => {
      const { run, ask } = await prepare('hanging');
      expect(await run('migrate').ended).toBe(0);
      const service = run('main');
      await service.printed('"msg":"ready"', startMs);
      await server.pause();
      await until(async () => expect((await ask('readyz')).status).toBe(503), startMs);
      const startedMs = performance.now();
      expect(await service.end('SIGTERM')).toBe(0);
      expect(performance.now() - startedMs).toBeLessThan(stopMs);
    });
  },
);
