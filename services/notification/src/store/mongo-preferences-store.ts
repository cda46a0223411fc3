import { type MongoDatabase, openDocuments } from '@credential-renewal/storage/mongo';
import type { Preferences } from '../preferences/preferences.ts';
import type { Person, PreferencesStore } from './preferences-store.ts';

export function createMongoPreferencesStore(database: MongoDatabase): PreferencesStore {
  const preferences = openDocuments<Preferences>({
    ...{ database, name: 'preferences', schemaVersion: 1 },
    ...{ fields: {}, fieldsOf: () => ({}) },
  });
  // Ids have no space, so no two people share one.
  const idOf = ({ accountId, userId }: Person) => `${accountId} ${userId}`;

  return {
    get: async (person) => (await preferences.find(idOf(person)))?.document,

    async update(person, transition) {
      const id = idOf(person);
      for (;;) {
        const now = await preferences.find(id);
        const after = transition(now?.document);
        const written = now
          ? await preferences.replace(id, now.version, after)
          : await preferences.insert(id, after);
        if (written) return after;
      }
    },
  };
}
