export type { Change, Condition } from './conditional-writes.ts';
export { ensureIndexes, type MongoIndex } from './ensure-indexes.ts';
export { isDuplicateKey } from './explain-mongo-error.ts';
export { connectMongo, type MongoCollection, type MongoDatabase } from './mongo-database.ts';
export {
  type DocumentRecord,
  type MongoDocuments,
  openDocuments,
  type WriteEffects,
} from './mongo-documents.ts';
export { type MongoMigration, type MongoSchema, migrate } from './mongo-migrations.ts';
export { openMongo } from './open-mongo.ts';
export { openRecords } from './open-records.ts';
export { rewriteDocuments } from './rewrite-documents.ts';
export { runMigration } from './run-migration.ts';
