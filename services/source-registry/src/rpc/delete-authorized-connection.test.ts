import { ConnectorKind } from '@credential-renewal/proto/source_registry/v1/source_registry';
import { createShiftableClock } from '@credential-renewal/runtime';
import type { SqliteDatabase } from '@credential-renewal/storage';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RegistryDeps } from '../registry-deps.ts';
import { aConnection, account, aState, aUser } from '../rule-examples.ts';
import { createSqliteCredentialStateStore } from '../store/sqlite-credential-state-store.ts';
import { openRegistryDatabase } from '../store/sqlite-registry-database.ts';
import { createSqliteUseStore } from '../store/sqlite-use-store.ts';
import { createSqliteUserStore } from '../store/sqlite-user-store.ts';
import { createSqliteWorkspaceStore } from '../store/sqlite-workspace-store.ts';
import type { UseStore } from '../store/use-store.ts';
import { createUseChanges } from '../use-changes.ts';
import { createSource } from './create-source.ts';
import { deleteAuthorizedConnection } from './delete-authorized-connection.ts';

let database: SqliteDatabase;
beforeEach(async () => {
  database = openRegistryDatabase(':memory:');
  const { users, uses } = depsWith({});
  await users.put(aUser('owner', { role: 'admin' }));
  await uses.insert({ use: aConnection({ credential: aState(1) }) });
});
afterEach(() => database.close());

const context = { signal: new AbortController().signal };

/** The real store, with a step of it replaced so that something happens in between. */
function depsWith(replaced: Partial<UseStore>): RegistryDeps {
  const clock = createShiftableClock();
  const uses = { ...createSqliteUseStore(database), ...replaced };
  return {
    clock,
    uses,
    users: createSqliteUserStore(database),
    workspaces: createSqliteWorkspaceStore(database),
    credentialStates: createSqliteCredentialStateStore(database),
    changes: createUseChanges({ uses, clock, onAnnounced: () => undefined }),
  };
}

function create(deps: RegistryDeps) {
  const connector = {
    id: 'google-drive',
    name: 'Google Drive',
    kind: ConnectorKind.ENTERPRISE,
    providerName: 'Google',
  };
  const backing = { callerUserId: 'owner', name: 'Docs', authorizedConnectionId: 'connection' };
  return createSource(deps)({ ...backing, connector }, context);
}

function remove(deps: RegistryDeps) {
  const request = { callerUserId: 'owner', authorizedConnectionId: 'connection' };
  return deleteAuthorizedConnection(deps)(request, context);
}

test('a source that comes after a deletion has counted is counted after all', async () => {
  const plain = depsWith({});
  let created = false;
  const deps = depsWith({
    async countBackedSources(ids) {
      const counted = await plain.uses.countBackedSources(ids);
      if (!created) await create(plain);
      created = true;
      return counted;
    },
  });
  await expect(remove(deps)).rejects.toMatchObject({ code: 'CONNECTION_IN_USE' });
  expect(await plain.uses.find('connection')).not.toHaveProperty('deleting');
});

test('a source whose connection is deleted while it is stored does not stay', async () => {
  const plain = depsWith({});
  const deps = depsWith({
    async insert(write) {
      await remove(plain);
      await plain.uses.insert(write);
    },
  });
  await expect(create(deps)).rejects.toMatchObject({ code: 'CONNECTION_NOT_FOUND' });
  const sources = await plain.uses.listSources({
    accountId: account,
    of: { creatorId: 'owner' },
    status: undefined,
    limit: 10,
    after: undefined,
  });
  expect(sources).toEqual([]);
});
