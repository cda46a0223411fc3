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
export { localPath, sqlitePath } from './store-url.ts';
