import { type MongoDatabase, openDocuments } from '@credential-renewal/storage/mongo';
import type { OutageWatch } from '../rules/outage-breaker.ts';
import { isActive, type OutageStore, outageId, whole } from './outage-store.ts';

export function createMongoOutageStore(database: MongoDatabase): OutageStore {
  const outages = openDocuments<OutageWatch>({
    ...{ database, name: 'outages', schemaVersion: 1 },
    fields: { active: Boolean },
    // Absent where there is nothing to do, so that the index holds only those with something.
    fieldsOf: (watch) => ({ active: isActive(watch) || undefined }),
  });
  const read = ({ document, version }: { document: OutageWatch; version: number }) => ({
    watch: whole(document),
    version,
  });

  return {
    find: async (client) => {
      const found = await outages.find(outageId(client));
      return found && read(found);
    },
    replace: (watch, version) =>
      version === 0
        ? outages.insert(outageId(watch), watch)
        : outages.replace(outageId(watch), version, watch),
    listActive: async () => {
      const active = await outages.list({ where: { active: true }, sort: { _id: 1 } });
      return active.map(read);
    },
    list: async () => (await outages.list({ where: {}, sort: { _id: 1 } })).map(read),
  };
}
