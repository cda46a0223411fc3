import type { MongoSettings } from '../store-settings.ts';
import { connectMongo, type MongoDatabase, type MongoDeps } from './mongo-database.ts';
import { checkSchema, type MongoSchema } from './mongo-migrations.ts';

/**
 * Connects a service to its database. Throws DatabaseUnavailableError, DatabaseCredentialsRefusedError, DatabaseForeignError,
 * DatabaseUnmigratedError or DatabaseNewerError; nothing is left open then, and nothing was changed.
 */
export async function openMongo(
  settings: MongoSettings,
  schema: MongoSchema,
  deps: Omit<MongoDeps, 'service'>,
): Promise<MongoDatabase> {
  const database = await connectMongo(settings, { service: schema.service, ...deps });
  try {
    await checkSchema(database, schema);
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}
