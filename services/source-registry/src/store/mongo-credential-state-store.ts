import { CredentialState } from '@credential-renewal/proto/events/v1/credential';
import { type MongoDatabase, openDocuments } from '@credential-renewal/storage/mongo';
import type { CredentialStateStore } from './credential-state-store.ts';

/** States as JSON, by the id of their credential. */
export function createMongoCredentialStateStore(database: MongoDatabase): CredentialStateStore {
  const states = openDocuments<unknown>({
    ...{ database, name: 'credential_states', schemaVersion: 1 },
    fields: {},
    fieldsOf: () => ({}),
  });

  return {
    async remember(state) {
      const document = CredentialState.toJSON(state);
      for (;;) {
        const known = await states.update(state.credentialId, (stored) =>
          CredentialState.fromJSON(stored).version < state.version ? { document } : undefined,
        );
        if (known || (await states.insert(state.credentialId, document))) return;
        // Another was first with this credential, and may have been older.
      }
    },
    async find(credentialId) {
      const found = await states.find(credentialId);
      return found && CredentialState.fromJSON(found.document);
    },
    forget: async (credentialId) => {
      await states.remove({ _id: credentialId });
    },
  };
}
