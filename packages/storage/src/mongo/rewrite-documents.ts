import type { MongoDatabase } from './mongo-database.ts';

type Rewritable = { _id: string; schemaVersion: number; version: number };

const batch = 200;

/**
 * Brings the documents of a collection to `schemaVersion`, a batch at a time, while services write: each by one conditional write on the version that was
 * read, so a document that changed meanwhile is read again. `change` answers with what to set; it is given documents of
 * older versions only, and goes on where an interrupted run ended, because what is done is not asked for any more.
 */
export async function rewriteDocuments<T extends Rewritable>(
  database: MongoDatabase,
  options: {
    collection: string;
    schemaVersion: number;
    change: (record: T) => { $set?: Record<string, unknown>; $unset?: Record<string, ''> };
    progress: (text: string) => void;
  },
): Promise<void> {
  const { collection, schemaVersion, change, progress } = options;
  const records = database.native<Rewritable>(collection);
  const older = { schemaVersion: { $lt: schemaVersion } };
  let done = 0;
  for (;;) {
    const found = await records.find(older).limit(batch).toArray();
    if (found.length === 0) return;
    for (const record of found) {
      const { $set, ...others } = change(record as unknown as T);
      const { _id, version } = record;
      const written = await records.updateOne(
        { _id, version, ...older },
        { ...others, $set: { ...$set, schemaVersion }, $inc: { version: 1 } },
      );
      done += written.modifiedCount;
    }
    progress(`${collection}: ${done} documents rewritten`);
  }
}
