import { openSqlite } from '@credential-renewal/storage';
import { outboxContract } from './outbox.contract.ts';
import { appendToOutbox, sqliteOutbox, sqliteOutboxSchema } from './sqlite-outbox.ts';

outboxContract('the SQLite outbox', async () => {
  const database = openSqlite({ path: ':memory:', name: 'test', migrations: [sqliteOutboxSchema] });
  let nowMs = 0;
  return {
    outbox: sqliteOutbox(database, { nowMs: () => nowMs }),
    append: (events) => database.write((sql) => appendToOutbox(sql, events)),
    appendAndFail: (events) =>
      database
        .write((sql) => {
          appendToOutbox(sql, events);
          throw new Error('the change is refused');
        })
        .catch(() => undefined),
    setNowMs: (ms) => {
      nowMs = ms;
    },
    dispose: () => database.close(),
  };
});
