import type { SchemaDefinition } from 'mongoose';
import {
  DatabaseForeignError,
  DatabaseMigrationFailedError,
  DatabaseNewerError,
  DatabaseUnmigratedError,
} from '../errors.ts';
import { isDuplicateKey } from './explain-mongo-error.ts';
import { insist } from './insist.ts';
import type { MongoDatabase, MongoRecord } from './mongo-database.ts';

/**
 * One step of a database's schema, run by the migration command while services go on working with the database. So a step must
 * leave documents readable for the release before it (`oldestRelease`), be harmless when it runs twice, and go on where it was
 * interrupted.
 */
export type MongoMigration = {
  description: string;
  /** The schema version of the oldest release that can still work on the result. */
  oldestRelease: number;
  run(database: MongoDatabase, progress: (text: string) => void): Promise<void>;
};

/** A service's database: its name, and its migrations; the version of the schema is how many there are. */
export type MongoSchema = { service: string; migrations: readonly MongoMigration[] };

type SchemaRecord = MongoRecord & { service: string; oldestRelease: number };

const recordId = 'schema';
const fields: SchemaDefinition = { service: String, oldestRelease: Number };

/**
 * Refuses a database that this release cannot work on: never migrated, migrated by an older release, by a newer one that left
 * ours behind, or another service's. Nothing is changed.
 */
export async function checkSchema(database: MongoDatabase, schema: MongoSchema): Promise<void> {
  const { service, migrations } = schema;
  const known = migrations.length;
  const record = await findRecord(database);
  const found = record?.schemaVersion ?? 0;
  if (record && record.service !== service) throw new DatabaseForeignError(database.place, service);
  if (record && record.oldestRelease > known) {
    throw new DatabaseNewerError(database.place, found, known);
  }
  if (found < known) throw new DatabaseUnmigratedError(database.place, service, found, known);
}

/** Runs what is missing, in order; each step is recorded when it is through. Answers with the version before and after. */
export async function migrate(
  database: MongoDatabase,
  { service, migrations }: MongoSchema,
  progress: (text: string) => void,
): Promise<{ from: number; to: number }> {
  const record = await findRecord(database);
  const from = record?.schemaVersion ?? 0;
  if (record && record.service !== service) throw new DatabaseForeignError(database.place, service);
  if (from > migrations.length) {
    throw new DatabaseNewerError(database.place, from, migrations.length);
  }
  for (const [index, migration] of migrations.entries()) {
    const version = index + 1;
    if (version <= from) continue;
    progress(`${version}: ${migration.description}`);
    try {
      await migration.run(database, progress);
      await writeRecord(database, { service, version, oldestRelease: migration.oldestRelease });
    } catch (error) {
      throw new DatabaseMigrationFailedError(
        database.place,
        `${version}: ${migration.description}`,
        error,
      );
    }
  }
  return { from, to: Math.max(from, migrations.length) };
}

async function findRecord(database: MongoDatabase): Promise<SchemaRecord | undefined> {
  const model = database.collection<SchemaRecord>('schema', fields);
  return insist(
    async () => (await model.findById(recordId).lean()) as SchemaRecord | null,
    database,
  ).then((record) => record ?? undefined);
}

/** Forward only, so that of two commands that run at once the slower one does not undo the faster one's record. */
async function writeRecord(
  database: MongoDatabase,
  { service, version, oldestRelease }: { service: string; version: number; oldestRelease: number },
): Promise<void> {
  const model = database.collection<SchemaRecord>('schema', fields);
  await insist(async () => {
    try {
      await model.updateOne(
        { _id: recordId, schemaVersion: { $lt: version } },
        { $set: { service, schemaVersion: version, oldestRelease } },
        { upsert: true },
      );
    } catch (error) {
      // The record is there and as new, or newer.
      if (!isDuplicateKey(error)) throw error;
    }
  }, database);
}
