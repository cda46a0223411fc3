import { openSqlite } from '@credential-renewal/storage';
import type { Authorization } from '../authorization/authorization.ts';
import { AuthorizationNotFoundError } from '../errors.ts';
import type { AuthorizationStore } from './authorization-store.ts';
import { AuthorizationExistsError } from './errors.ts';
import { createSqliteTokenReadStore, tokenReadTable } from './sqlite-token-read-store.ts';
import type { TokenReadStore } from './token-read-store.ts';

const migrations = [
  `CREATE TABLE authorization (
     id TEXT PRIMARY KEY,
     version INTEGER NOT NULL,
     status TEXT NOT NULL,
     state_hash TEXT,
     updated_at_ms INTEGER NOT NULL,
     document TEXT NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX authorization_by_state ON authorization (state_hash) WHERE state_hash IS NOT NULL;
   CREATE INDEX authorization_by_status ON authorization (status, updated_at_ms);`,
  tokenReadTable,
  `ALTER TABLE authorization ADD COLUMN use_id TEXT NOT NULL DEFAULT '';
   UPDATE authorization SET use_id = json_extract(document, '$.use.id');
   CREATE INDEX authorization_by_use ON authorization (use_id, id);`,
];

type Stored = { document: string };

const read = (row: Stored): Authorization => JSON.parse(row.document) as Authorization;

/** Authorizations, and the counts of token reads, in one SQLite file. `path` may be `:memory:`. */
export function createSqliteAuthorizationStore(
  path: string,
): AuthorizationStore & { tokenReads: TokenReadStore } {
  const database = openSqlite({ path, name: 'oauth-broker', migrations });

  return {
    create: (authorization) =>
      database.write((sql) => {
        const created = sql.run(
          `INSERT INTO authorization (id, version, status, state_hash, updated_at_ms, use_id, document)
           VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
          authorization.id,
          authorization.version,
          authorization.status,
          authorization.stateHash ?? null,
          authorization.updatedAtMs,
          authorization.use.id,
          JSON.stringify(authorization),
        );
        if (created === 0) throw new AuthorizationExistsError(authorization.id);
      }),

    async get(id) {
      const row = database.read((sql) =>
        sql.get<Stored>('SELECT document FROM authorization WHERE id = ?', id),
      );
      return row && read(row);
    },

    async findByStateHash(stateHash) {
      const row = database.read((sql) =>
        sql.get<Stored>('SELECT document FROM authorization WHERE state_hash = ?', stateHash),
      );
      return row && read(row);
    },

    // Ids are in the order of their making (UUIDv7).
    async findNewestOfUse(useId) {
      const row = database.read((sql) =>
        sql.get<Stored>(
          'SELECT document FROM authorization WHERE use_id = ? ORDER BY id DESC LIMIT 1',
          useId,
        ),
      );
      return row && read(row);
    },

    // Writes run one after the other, so what is read inside one is still so when it is written.
    update: (id, transition) =>
      database.write((sql) => {
        const row = sql.get<Stored>('SELECT document FROM authorization WHERE id = ?', id);
        if (!row) throw new AuthorizationNotFoundError();
        const current = read(row);
        const next = { ...transition(current), id, version: current.version + 1 };
        sql.run(
          `UPDATE authorization SET version = ?, status = ?, state_hash = ?, updated_at_ms = ?, document = ?
           WHERE id = ? AND version = ?`,
          next.version,
          next.status,
          next.stateHash ?? null,
          next.updatedAtMs,
          JSON.stringify(next),
          id,
          current.version,
        );
        return next;
      }),

    async listUntouched({ statuses, updatedBeforeMs, limit }) {
      return database.read((sql) =>
        sql
          .all<Stored>(
            `SELECT document FROM authorization
             WHERE status IN (SELECT value FROM json_each(?)) AND updated_at_ms < ?
             ORDER BY updated_at_ms LIMIT ?`,
            JSON.stringify(statuses),
            updatedBeforeMs,
            limit,
          )
          .map(read),
      );
    },

    forget: (updatedBeforeMs) =>
      database.write((sql) =>
        sql.run(
          `DELETE FROM authorization WHERE status NOT IN ('exchanging', 'verifying') AND updated_at_ms < ?`,
          updatedBeforeMs,
        ),
      ),

    tokenReads: createSqliteTokenReadStore(database),
    problem: database.problem,
    close: () => database.close(),
  };
}
