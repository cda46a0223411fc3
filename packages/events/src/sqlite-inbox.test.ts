import { openSqlite } from '@credential-renewal/storage';
import { inboxContract } from './inbox.contract.ts';
import { sqliteInbox, sqliteInboxSchema } from './sqlite-inbox.ts';

inboxContract('SQLite', async () => {
  const database = openSqlite({ path: ':memory:', name: 'test', migrations: [sqliteInboxSchema] });
  let nowMs = 0;
  return {
    inbox: (group) => sqliteInbox(database, group, { nowMs: () => nowMs }),
    setNowMs: (ms) => {
      nowMs = ms;
    },
    dispose: () => database.close(),
  };
});
