import {
  ConfigurationInvalidError,
  createLogger,
  DomainError,
  readSettings,
  systemClock,
} from '@credential-renewal/runtime';
import { readStoreSettings } from '../store-settings.ts';
import { connectMongo } from './mongo-database.ts';
import { type MongoSchema, migrate } from './mongo-migrations.ts';

/**
 * The migration command of a service: brings the database that `STORE_URL` names to the schema of this release, while the service
 * may be running. Answers with the exit code; what it did, or why it could not, is written a line each.
 */
export async function runMigration(options: {
  schema: MongoSchema;
  env: Record<string, string | undefined>;
  write: (line: string) => void;
}): Promise<number> {
  const { schema, env, write } = options;
  try {
    const settings = readSettings(env, readStoreSettings);
    if (settings.engine === 'sqlite') {
      write('An SQLite file is migrated when the service opens it; there is nothing to do.');
      return 0;
    }
    const service = `${schema.service} migration`;
    const logger = createLogger({ service, level: 'warn' });
    const database = await connectMongo(settings, { service, clock: systemClock, logger });
    try {
      const { from, to } = await migrate(database, schema, write);
      write(
        from === to
          ? `${database.place} has schema version ${to} already.`
          : `${database.place} went from schema version ${from} to ${to}.`,
      );
      return 0;
    } finally {
      await database.close();
    }
  } catch (error) {
    const isExpected = error instanceof DomainError || error instanceof ConfigurationInvalidError;
    write(isExpected ? error.message : String((error as Error).stack ?? error));
    return 1;
  }
}
