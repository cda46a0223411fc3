import type { Clock, Logger } from '@credential-renewal/runtime';
import mongoose, { type Model, type mongo, type SchemaDefinition } from 'mongoose';
import type { MongoSettings } from '../store-settings.ts';
import { explainConnecting } from './explain-mongo-error.ts';
import { mongoOptions } from './mongo-options.ts';
import { watchServers } from './watch-servers.ts';

/** What every document of ours has. */
export type MongoRecord = {
  _id: string;
  /** The version of the schema that wrote it; a migration finds by it what is left to do. */
  schemaVersion: number;
};

/** A collection of the driver. */
export type MongoCollection<T extends { _id: string }> = mongo.Collection<T>;

export type MongoDatabase = {
  /** `mongodb://host:port/database`, without user and password: for messages. */
  readonly place: string;
  /**
   * The collection `name`. `fields` are those that stand beside `_id` and `schemaVersion`; a write or a question that names another one is refused, so
   * that a misspelt field is an error and not an empty answer.
   */
  collection<T extends MongoRecord>(name: string, fields: SchemaDefinition): Model<T>;
  /** The same collection without mongoose, for the migrations. */
  native<T extends { _id: string }>(name: string): MongoCollection<T>;
  /** The names of those that exist. */
  collections(): Promise<string[]>;
  /** Undefined: usable. Otherwise what is wrong, and since when. */
  problem(): string | undefined;
  /** Removes all of it (tests). */
  drop(): Promise<void>;
  close(): Promise<void>;
};

export type MongoDeps = {
  service: string;
  clock: Clock;
  logger: Logger;
  /** How long a single answer may take; 0: as long as the server is alive. */
  longestReplyMs?: number;
};

/**
 * Connects to the database that the settings name; resolves when its primary has answered. Throws DatabaseUnavailableError,
 * DatabaseCredentialsRefusedError or DatabaseUrlInvalidError. From then on the driver reconnects by itself.
 */
export async function connectMongo(
  settings: MongoSettings,
  { service, clock, logger, longestReplyMs }: MongoDeps,
): Promise<MongoDatabase> {
  const place = placeOf(settings.url);
  const connection = mongoose.createConnection();
  let problem: () => string | undefined;
  try {
    await connection.openUri(settings.url, mongoOptions(settings, service, longestReplyMs));
    problem = watchServers(connection.getClient(), clock, logger);
    // Also tells wrong credentials now, not at the first call.
    await connection.db?.command({ ping: 1 });
  } catch (error) {
    await connection.close().catch(() => undefined);
    throw explainConnecting(error, place);
  }

  return {
    place,
    collection: <T extends MongoRecord>(name: string, fields: SchemaDefinition) => {
      const known = connection.models[name];
      if (known) return known as unknown as Model<T>;
      const schema = new mongoose.Schema(
        { _id: String, schemaVersion: Number, ...fields },
        {
          collection: name,
          strict: 'throw',
          strictQuery: 'throw',
          // An empty object is a value.
          minimize: false,
          versionKey: false,
          autoIndex: false,
          autoCreate: false,
        },
      );
      return connection.model(name, schema) as unknown as Model<T>;
    },
    native: <T extends { _id: string }>(name: string) =>
      connection.getClient().db(connection.name).collection<T>(name),
    async collections() {
      // A user without the right to see all of them is told of his own.
      const options = { nameOnly: true, authorizedCollections: true };
      const database = connection.getClient().db(connection.name);
      const found = await database.listCollections({}, options).toArray();
      return found.map(({ name }) => name).filter((name) => !name.startsWith('system.'));
    },
    problem,
    drop: () => connection.dropDatabase(),
    close: () => connection.close(),
  };
}

/** Connection strings may list hosts and carry credentials; only hosts and database are for others to read. */
function placeOf(url: string): string {
  const [, scheme, hosts = '', database = ''] =
    /^(mongodb(?:\+srv)?):\/\/(?:[^@/]*@)?([^/?]*)\/?([^?]*)/.exec(url) ?? [];
  return `${scheme ?? 'mongodb'}://${hosts}/${database}`;
}
