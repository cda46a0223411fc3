import type { mongo } from 'mongoose';
import type { MongoDatabase } from './mongo-database.ts';

/** An index by name, so that a later migration can find and drop it. */
export type MongoIndex = Required<Pick<mongo.IndexDescription, 'name'>> &
  Pick<mongo.IndexDescription, 'key' | 'unique' | 'sparse'>;

/**
 * Makes the indexes that are not there. MongoDB builds them while reads and writes go on. One that has our name and other keys is an
 * error: somebody made it by hand.
 */
export async function ensureIndexes(
  database: MongoDatabase,
  collection: string,
  indexes: readonly MongoIndex[],
): Promise<void> {
  await database.native(collection).createIndexes([...indexes]);
}
