import { insist } from './insist.ts';
import type { MongoCollection, MongoDatabase } from './mongo-database.ts';

/**
 * A collection of plain records that are no documents of their own: what is written to it must be harmless when it is done twice, because
 * each piece of work is tried again while the server is in trouble that passes.
 */
export function openRecords<R extends { _id: string }>(
  database: MongoDatabase,
  name: string,
): <T>(work: (records: MongoCollection<R>) => Promise<T>) => Promise<T> {
  return (work) => insist(() => work(database.native<R>(name)), database);
}
