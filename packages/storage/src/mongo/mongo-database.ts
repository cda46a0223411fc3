import type { Clock, Logger } from '@credential-renewal/runtime';
import mongoose, { type Connection, type Model, type mongo, type SchemaDefinition } from 'mongoose';
import type { MongoSettings } from '../store-settings.ts';
import { explainMongoError } from './explain-mongo-error.ts';
import { mongoOptions } from './mongo-options.ts';

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
  /** Undefined: usable. Otherwise what is wrong, and since when. */
  problem(): string | undefined;
  /** Removes all of it (tests). */
  drop(): Promise<void>;
  close(): Promise<void>;
};

export type MongoDeps = { service: string; clock: Clock; logger: Logger };

/** The kinds of servers that take writes, in the words of the driver. */
const writableTypes = new Set<string>(['Standalone', 'RSPrimary', 'Mongos', 'LoadBalancer']);

/**
 * Connects to the database that the settings name; resolves when its primary has answered. Throws DatabaseUnavailableError or
 * DatabaseCredentialsRefusedError. From then on the driver reconnects by itself.
 */
export async function connectMongo(
  settings: MongoSettings,
  { service, clock, logger }: MongoDeps,
): Promise<MongoDatabase> {
  const place = placeOf(settings.url);
  const connection = mongoose.createConnection();
  let problem: () => string | undefined;
  try {
    await connection.openUri(settings.url, mongoOptions(settings, service));
    problem = watchServers(connection, clock, logger).problem;
    // Also tells wrong credentials now, not at the first call.
    await connection.db?.command({ ping: 1 });
  } catch (error) {
    await connection.close().catch(() => undefined);
    throw explainMongoError(error, place);
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
    problem,
    drop: () => connection.dropDatabase(),
    close: () => connection.close(),
  };
}

/** Notes when no server can be written to, from the driver's own heartbeats; nothing of ours has to be asked for it. */
function watchServers(connection: Connection, clock: Clock, logger: Logger) {
  let problem: string | undefined;
  connection.getClient().on('topologyDescriptionChanged', ({ newDescription }) => {
    const servers = [...newDescription.servers.values()];
    const writable = servers.some(({ type }) => writableTypes.has(type));
    if (writable === (problem === undefined)) return;
    const reason = servers.find(({ error }) => error)?.error?.message ?? 'there is no primary';
    problem = writable
      ? undefined
      : `no server can be written to since ${new Date(clock.nowMs()).toISOString()}: ${reason}`;
    if (problem === undefined) logger.info('the database can be written to again');
    else logger.error({ reason }, 'no database server can be written to');
  });
  return { problem: () => problem };
}

/** Connection strings may list hosts and carry credentials; only hosts and database are for others to read. */
function placeOf(url: string): string {
  const [, scheme, hosts = '', database = ''] =
    /^(mongodb(?:\+srv)?):\/\/(?:[^@/]*@)?([^/?]*)\/?([^?]*)/.exec(url) ?? [];
  return `${scheme ?? 'mongodb'}://${hosts}/${database}`;
}
