import type { Settings } from '@credential-renewal/runtime';
import { UrlPathInvalidError } from './errors.ts';
import { sqlitePath } from './store-url.ts';

/** Where a service keeps what it keeps. */
export type StoreSettings = { engine: 'sqlite'; path: string } | MongoSettings;

export type MongoSettings = {
  engine: 'mongodb';
  /** A MongoDB connection string that names the database. May hold a password: never to be logged. */
  url: string;
  /** Beside the connection string, so that the password can come from a file. */
  username?: string | undefined;
  password?: string | undefined;
  /** PEM of the certificate authority of the server. */
  caFile?: string | undefined;
  poolSize: number;
};

/**
 * Reads `STORE_URL` (`sqlite:<path>` or `mongodb:`/`mongodb+srv:`) and, for MongoDB, `STORE_USERNAME`, `STORE_PASSWORD_FILE`, `STORE_CA_FILE` and
 * `STORE_POOL_SIZE`.
 */
export function readStoreSettings(settings: Settings): StoreSettings {
  const url = settings.connectionString('STORE_URL', ['sqlite', 'mongodb', 'mongodb+srv']);
  if (url.startsWith('mongodb')) return readMongoSettings(settings, url);
  return { engine: 'sqlite', path: readSqlitePath(settings, url) };
}

function readSqlitePath(settings: Settings, url: string): string {
  // What is wrong with another scheme has been said.
  if (!url.startsWith('sqlite:')) return '';
  try {
    return sqlitePath(new URL(url));
  } catch (error) {
    const detail = error instanceof UrlPathInvalidError ? error.detail : 'is no URL';
    settings.problem(`STORE_URL ${detail}`);
    return '';
  }
}

function readMongoSettings(settings: Settings, url: string): MongoSettings {
  const username = settings.optionalText('STORE_USERNAME');
  const password = settings.secretFile('STORE_PASSWORD_FILE');
  if ((username === undefined) !== (password === undefined)) {
    settings.problem('STORE_USERNAME and STORE_PASSWORD_FILE must be set together');
  }
  // mongodb://[user:password@]host[:port][,host...]/database[?options], see the connection string specification.
  if (!/^mongodb(\+srv)?:\/\/[^/?]+\/[^/?]+/.test(url)) {
    settings.problem('STORE_URL must name a database: mongodb://host:27017/<database>');
  }
  return {
    engine: 'mongodb',
    url,
    username,
    password,
    caFile: settings.optionalText('STORE_CA_FILE'),
    poolSize: settings.integer('STORE_POOL_SIZE', 20, { min: 1, max: 1_000 }),
  };
}
