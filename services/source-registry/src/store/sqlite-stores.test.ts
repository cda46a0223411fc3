import { sqliteOutbox } from '@credential-renewal/events';
import { testCredentialStateStore } from './credential-state-store.contract.ts';
import { createSqliteCredentialStateStore } from './sqlite-credential-state-store.ts';
import { openRegistryDatabase } from './sqlite-registry-database.ts';
import { createSqliteUseStore } from './sqlite-use-store.ts';
import { createSqliteUserStore } from './sqlite-user-store.ts';
import { createSqliteWorkspaceStore } from './sqlite-workspace-store.ts';
import { testUseStore } from './use-store.contract.ts';
import { testUserStore } from './user-store.contract.ts';
import { testWorkspaceStore } from './workspace-store.contract.ts';

async function open() {
  const database = openRegistryDatabase(':memory:');
  return {
    uses: createSqliteUseStore(database),
    outbox: sqliteOutbox(database),
    users: createSqliteUserStore(database),
    workspaces: createSqliteWorkspaceStore(database),
    credentialStates: createSqliteCredentialStateStore(database),
    close: () => database.close(),
  };
}

testUseStore('SQLite', open);
testUserStore('SQLite', open);
testWorkspaceStore('SQLite', open);
testCredentialStateStore('SQLite', open);
