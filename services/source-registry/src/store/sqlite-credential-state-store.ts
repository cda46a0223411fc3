import { CredentialState } from '@credential-renewal/proto/events/v1/credential';
import type { SqliteDatabase } from '@credential-renewal/storage';
import type { CredentialStateStore } from './credential-state-store.ts';

export function createSqliteCredentialStateStore(database: SqliteDatabase): CredentialStateStore {
  return {
    async remember(state) {
      await database.write((sql) =>
        sql.run(
          `INSERT INTO credential_states (credential_id, version, document) VALUES (?, ?, ?)
           ON CONFLICT (credential_id) DO UPDATE
             SET version = excluded.version, document = excluded.document
             WHERE credential_states.version < excluded.version`,
          state.credentialId,
          state.version,
          JSON.stringify(CredentialState.toJSON(state)),
        ),
      );
    },

    async find(credentialId) {
      const row = database.read((sql) =>
        sql.get<{ document: string }>(
          'SELECT document FROM credential_states WHERE credential_id = ?',
          credentialId,
        ),
      );
      return row && CredentialState.fromJSON(JSON.parse(row.document));
    },

    async forget(credentialId) {
      await database.write((sql) =>
        sql.run('DELETE FROM credential_states WHERE credential_id = ?', credentialId),
      );
    },
  };
}
