import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Authorization_Status as Status } from '@credential-renewal/proto/oauth_broker/v1/oauth_broker';
import { createLogger, systemClock } from '@credential-renewal/runtime';
import type { MongoSettings } from '@credential-renewal/storage';
import { connectMongo } from '@credential-renewal/storage/mongo';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { brokerSchema } from './store/mongo-broker-schema.ts';
import { openAuthorizationStore } from './store/open-authorization-store.ts';
import { beginFirst, complete } from './testing/authorize.ts';
import { startBrokerUnderTest } from './testing/broker-under-test.ts';

const server = process.env['TEST_MONGODB_URL'] ?? '';
const run = promisify(execFile);
const deps = { clock: systemClock, logger: createLogger({ service: 'test', level: 'silent' }) };
const migration = fileURLToPath(new URL('migrate.ts', import.meta.url));

function emptyDatabase(): { store: MongoSettings; migrate(): Promise<string> } {
  const store: MongoSettings = {
    ...{ engine: 'mongodb', url: `${server}/broker-${randomUUID()}`, poolSize: 10 },
  };
  onTestFinished(async () => {
    const database = await connectMongo(store, { service: 'test', ...deps });
    await database.drop();
    await database.close();
  });
  const migrate = async () => {
    const env = { ...process.env, STORE_URL: store.url };
    return (await run(process.execPath, [migration], { env })).stdout;
  };
  return { store, migrate };
}

/** A way to the server that can be cut. */
async function cuttableWay() {
  const target = new URL(server);
  const sockets = new Set<Socket>();
  const way = createServer((client) => {
    const onward = connect(Number(target.port || 27017), target.hostname);
    for (const [from, to] of [
      [client, onward],
      [onward, client],
    ] as const) {
      sockets.add(from);
      from.on('error', () => to.destroy());
      from.pipe(to);
    }
  });
  await new Promise<void>((resolve) => way.listen(0, '127.0.0.1', resolve));
  const { port } = way.address() as AddressInfo;
  const cut = () => {
    way.close();
    for (const socket of sockets) socket.destroy();
  };
  onTestFinished(cut);
  // Direct, or a replica set would tell the driver of the way around.
  const url = (store: MongoSettings) =>
    `${store.url.replace(target.host, `127.0.0.1:${port}`)}?directConnection=true`;
  return { cut, url, mend: () => void way.listen(port, '127.0.0.1') };
}

describe.skipIf(server === '')('with a MongoDB server', { timeout: 60_000 }, () => {
  test('the broker refuses a database until the migration command has run, which may run again', async () => {
    const { store, migrate } = emptyDatabase();
    await expect(openAuthorizationStore(store, deps)).rejects.toMatchObject({
      ...{ code: 'DATABASE_UNMIGRATED', message: expect.stringContaining('oauth-broker') },
    });
    const version = brokerSchema.migrations.length;
    expect(await migrate()).toContain(`from schema version 0 to ${version}`);
    expect(await migrate()).toContain(`has schema version ${version} already`);
    const opened = await openAuthorizationStore(store, deps);
    expect(opened.problem()).toBeUndefined();
    await opened.close();
  });

  test('a person who is at the provider while the broker restarts comes back to their authorization', async () => {
    const { store, migrate } = emptyDatabase();
    await migrate();
    await using broker = await startBrokerUnderTest({ config: { store } });
    const begun = await beginFirst(broker);
    const query = broker.provider.consent(begun.redirectUrl);
    await broker.restart((entry) => entry);
    const { authorization } = await complete(broker, begun, query);
    expect(authorization).toMatchObject({ status: Status.SUCCEEDED, sourceId: 'reports' });
    await expect(complete(broker, begun, query)).rejects.toMatchObject({
      code: 'AUTHORIZATION_ENDED',
    });
  });

  test('while the database is away tokens are handed out and the probe says degraded; then all goes on', async () => {
    const { store, migrate } = emptyDatabase();
    await migrate();
    const way = await cuttableWay();
    await using broker = await startBrokerUnderTest({
      config: { store: { ...store, url: way.url(store) } },
    });
    const begun = await beginFirst(broker);
    await complete(broker, begun, broker.provider.consent(begun.redirectUrl));
    expect(broker.storeReadiness()).toBeUndefined();

    way.cut();
    const problem = { degraded: expect.stringContaining('no server can be written to since') };
    const patience = { timeout: 20_000, interval: 50 };
    await vi.waitFor(() => expect(broker.storeReadiness()).toEqual(problem), patience);
    const target = { $case: 'sourceId', value: 'reports' } as const;
    const token = await broker.rpc.getAccessToken({
      ...{ accountId: 'acme', target, worker: 'sync', minimumRemainingLife: undefined },
    });
    expect(token.accessToken).not.toBe('');
    await expect(beginFirst(broker, 'others')).rejects.toMatchObject({
      ...{ code: 'DATABASE_UNAVAILABLE', kind: 'unavailable' },
    });

    way.mend();
    await vi.waitFor(() => expect(broker.storeReadiness()).toBeUndefined(), patience);
    expect((await beginFirst(broker, 'others')).state).not.toBe('');
  });
});
