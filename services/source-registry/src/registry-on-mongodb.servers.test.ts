import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { CloudEvent } from '@credential-renewal/events';
import { CredentialStatus } from '@credential-renewal/proto/events/v1/credential';
import { createLogger, systemClock } from '@credential-renewal/runtime';
import type { MongoSettings } from '@credential-renewal/storage';
import { connectMongo } from '@credential-renewal/storage/mongo';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  addSource,
  addWorkspace,
  present,
  signIn,
  startRegistryHarness,
  stateOf,
} from './registry-harness.ts';
import { openRegistryStores } from './store/open-registry-stores.ts';

const server = process.env['TEST_MONGODB_URL'] ?? '';
const run = promisify(execFile);
const deps = { clock: systemClock, logger: createLogger({ service: 'test', level: 'silent' }) };
const migration = fileURLToPath(new URL('migrate.ts', import.meta.url));

function emptyDatabase(): { store: MongoSettings; migrate(): Promise<string> } {
  const store: MongoSettings = {
    ...{ engine: 'mongodb', url: `${server}/registry-${randomUUID()}`, poolSize: 10 },
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

describe.skipIf(server === '')('with a MongoDB server', { timeout: 60_000 }, () => {
  test('the registry refuses a database until the migration command has run, which may run again', async () => {
    const { store, migrate } = emptyDatabase();
    await expect(openRegistryStores(store, deps)).rejects.toMatchObject({
      ...{ code: 'DATABASE_UNMIGRATED', message: expect.stringContaining('source-registry') },
    });
    expect(await migrate()).toContain('from schema version 0 to 2');
    expect(await migrate()).toContain('has schema version 2 already');
    const stores = await openRegistryStores(store, deps);
    expect(stores.problem()).toBeUndefined();
    await stores.close();
  });

  test('a source lives from its first day to its tombstone, restarts included', async () => {
    const { store, migrate } = emptyDatabase();
    await migrate();
    const registry = await startRegistryHarness({ store });
    onTestFinished(() => registry.stop());
    const ada = await signIn(registry, 'Ada');
    const workspace = await addWorkspace(registry, ada);
    const source = await addSource(registry, ada, { workspaceId: workspace.id });
    const use = { $case: 'sourceId', value: source.id } as const;
    const list = async (status: string) => {
      const page = { callerUserId: ada.id, workspaceId: workspace.id, pageSize: 10, pageToken: '' };
      const { sources } = await registry.rpc.listSources({ ...page, status });
      return sources.map(({ id }) => id);
    };
    expect(await list('pending')).toEqual([source.id]);
    await registry.rpc.attachCredential({ use, state: stateOf(ada, 'cred', 1) });

    await registry.restart();

    const expired = { status: CredentialStatus.EXPIRED, episodeId: 'episode' };
    const state = stateOf(ada, 'cred', 2, expired);
    await registry.rpc.applyCredentialState({ state, accountSwitched: false });
    expect(await list('expired')).toEqual([source.id]);
    const page = { callerUserId: ada.id, pageSize: 0, pageToken: '' };
    const { workspaces } = await registry.rpc.listWorkspaces(page);
    expect(present(workspaces[0])).toMatchObject({ sourceCount: 1, needsRenewalCount: 1 });
    const { entries } = await registry.rpc.listAuditEntries({ ...page, subject: use });
    expect(entries.map(({ action }) => action)).toEqual([
      ...['credential.expired', 'credential.authorized', 'source.created'],
    ]);

    await registry.rpc.deleteSource({ callerUserId: ada.id, sourceId: source.id });
    expect(await list('')).toEqual([]);
    expect((await registry.rpc.listDeletingUses({ limit: 10 })).uses).toMatchObject([{ use }]);
    await registry.rpc.completeDeletion({ use });
    expect((await registry.rpc.listDeletingUses({ limit: 10 })).uses).toEqual([]);

    const published: CloudEvent[] = [];
    await registry.eventLog.tail({
      ...{ topics: ['source.credential-state'], from: 'start' },
      handle: ({ event }) => void published.push(event),
    });
    await vi.waitFor(() => expect(published).toHaveLength(4), { timeout: 20_000 });
    expect(published.map(({ sequence }) => Number(sequence))).toEqual([1, 2, 3, 4]);
    expect(published.at(-1)?.data).toBeNull();
  });
});
