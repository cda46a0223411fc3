export {
  DatabaseCorruptError,
  DatabaseForeignError,
  DatabaseInUseError,
  DatabaseNewerError,
  DatabaseUnavailableError,
  UrlPathInvalidError,
} from './errors.ts';
export {
  openSqlite,
  type Row,
  type Sql,
  type SqliteDatabase,
  type SqlValue,
} from './sqlite-database.ts';
export { type MongoSettings, readStoreSettings, type StoreSettings } from './store-settings.ts';
export { localPath } from './store-url.ts';
