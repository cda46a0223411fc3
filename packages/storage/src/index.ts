export {
  DatabaseCorruptError,
  DatabaseForeignError,
  DatabaseInUseError,
  DatabaseNewerError,
  DatabaseUnavailableError,
} from './errors.ts';
export {
  openSqlite,
  type Row,
  type Sql,
  type SqliteDatabase,
  type SqlValue,
} from './sqlite-database.ts';
export { sqlitePath } from './store-url.ts';
