export type { Change, Condition } from './conditional-writes.ts';
export { ensureIndexes, type MongoIndex } from './ensure-indexes.ts';
export { connectMongo, type MongoCollection, type MongoDatabase } from './mongo-database.ts';
export {
  type DocumentRecord,
  type MongoDocuments,
  openDocuments,
  type WriteEffects,
} from './mongo-documents.ts';
export { type MongoMigration, type MongoSchema, migrate } from './mongo-migrations.ts';
export { openMongo } from './open-mongo.ts';
export { rewriteDocuments } from './rewrite-documents.ts';
export { runMigration } from './run-migration.ts';
