import { insist } from './insist.ts';
import type { MongoDatabase } from './mongo-database.ts';

type Rewritable = { _id: string; schemaVersion: number; version: number };

const batch = 200;

/**
 * Brings the documents of a collection to `schemaVersion`, a batch at a time, while services write: each by one conditional write on the version that was
 * read, so a document that changed meanwhile is read again. `change` answers with what to set; it is given documents of
 * older versions only, and goes on where an interrupted run ended, because what is done is not asked for any more.
 *
 * It goes over them once. What the older release writes behind it stays as that writes it: to wait for an end of that would be to wait for ever.
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

  /** False: it is another version by now, or is done. */
  async function rewrite(record: Rewritable): Promise<boolean> {
    const { $set, ...others } = change(record as unknown as T);
    const { _id, version } = record;
    const written = await records.updateOne(
      { _id, version, ...older },
      { ...others, $set: { ...$set, schemaVersion }, $inc: { version: 1 } },
    );
    return written.modifiedCount === 1;
  }

  let done = 0;
  for (let after = ''; ; ) {
    // In the order of the ids, so that what is done is not passed over again for each batch.
    const next = { ...older, _id: { $gt: after } };
    const found = await insist(
      () => records.find(next, { sort: { _id: 1 }, limit: batch }).toArray(),
      database,
    );
    for (const record of found) {
      let current: Rewritable | null = record;
      await insist(async () => {
        while (current && !(await rewrite(current))) {
          current = await records.findOne({ _id: record._id, ...older });
        }
      }, database);
      after = record._id;
    }
    if (found.length === 0) return;
    done += found.length;
    progress(`${collection}: ${done} documents rewritten`);
  }
}
