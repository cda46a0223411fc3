import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { currentTrace, runWithTrace } from '@credential-renewal/runtime';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openSqlite, type SqliteDatabase } from './sqlite-database.ts';

const createNotes = 'CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT';
let directory: string;
let path: string;
const opened: SqliteDatabase[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'storage-'));
  path = join(directory, 'data', 'notes.db');
});
afterEach(async () => {
  for (const database of opened.splice(0)) await database.close();
  rmSync(directory, { recursive: true });
});

function open(options: { path?: string; name?: string; migrations?: string[] } = {}) {
  const database = openSqlite({ path, name: 'notes', migrations: [createNotes], ...options });
  opened.push(database);
  return database;
}

const add = (database: SqliteDatabase, text: string) =>
  database.write((sql) => sql.run('INSERT INTO notes (text) VALUES (?)', text));
const textsOf = (database: SqliteDatabase) =>
  database
    .read((sql) => sql.all<{ text: string }>('SELECT text FROM notes ORDER BY id'))
    .map((row) => row.text);

describe('writes', () => {
  test('writes happen in the order of the calls and resolve with what they return', async () => {
    const database = open();
    const texts = Array.from({ length: 1200 }, (_, index) => `note ${index}`);
    const changed = await Promise.all(texts.map((text) => add(database, text)));
    expect(changed.every((count) => count === 1)).toBe(true);
    expect(textsOf(database)).toEqual(texts);
  });

  test('a write that fails leaves nothing behind and does not touch those beside it', async () => {
    const database = open();
    const failing = database.write((sql) => {
      sql.run("INSERT INTO notes (text) VALUES ('half')");
      throw new RangeError('changed my mind');
    });
    const results = await Promise.allSettled([add(database, 'a'), failing, add(database, 'b')]);
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    await expect(failing).rejects.toThrow(RangeError);
    expect(textsOf(database)).toEqual(['a', 'b']);
  });

  test('a broken constraint reaches the caller as it is', async () => {
    const database = open();
    await add(database, 'a');
    await expect(add(database, 'a')).rejects.toThrow(/UNIQUE constraint failed/);
  });

  test('of fifty conditional writers one wins', async () => {
    const database = open();
    await add(database, 'version 0');
    const changed = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        database.write((sql) =>
          sql.run("UPDATE notes SET text = ? WHERE text = 'version 0'", `by ${index}`),
        ),
      ),
    );
    expect(changed.filter((count) => count === 1)).toHaveLength(1);
  });

  test('work that returns a promise is refused and undone', async () => {
    const database = open();
    const asynchronous = database.write(async (sql) => {
      sql.run("INSERT INTO notes (text) VALUES ('half')");
    });
    await expect(asynchronous).rejects.toThrow('must be synchronous');
    expect(textsOf(database)).toEqual([]);
  });

  test('work sees the trace of its own caller, not of the one that began the batch', async () => {
    const database = open();
    const traces = await Promise.all(
      ['1', '2'].map((digit) =>
        runWithTrace(`00-${digit.repeat(32)}-${digit.repeat(16)}-01`, () =>
          database.write(() => currentTrace()?.traceId),
        ),
      ),
    );
    expect(traces).toEqual(['1'.repeat(32), '2'.repeat(32)]);
  });

  test('a full disk fails the writes by name, and later ones work again', async () => {
    const database = open();
    await add(database, 'a');
    // A page limit is SQLite's own full disk: the same result code on the same path.
    database.read((sql) => sql.get('PRAGMA max_page_count = 4'));
    const big = 'x'.repeat(100_000);
    expect(database.problem()).toBeUndefined();
    await expect(add(database, big)).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    await database.write((sql) => sql.run("DELETE FROM notes WHERE text = 'nobody'"));
    expect(database.problem()).toMatch(/notes\.db cannot be used: database or disk is full/);
    database.read((sql) => sql.get('PRAGMA max_page_count = 1000000'));
    await vi.waitFor(() => expect(database.problem()).toBeUndefined());
    await add(database, 'b');
    expect(textsOf(database)).toEqual(['a', 'b']);
  });
});

describe('closing', () => {
  test('close finishes the writes that wait, and what follows is refused', async () => {
    const database = open();
    const waiting = Array.from({ length: 700 }, (_, index) => add(database, `note ${index}`));
    const closing = database.close();
    await expect(add(database, 'late')).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    await Promise.all([...waiting, closing]);
    expect(() => textsOf(database)).toThrow(/is closed/);
    await database.close();
    expect(textsOf(open())).toHaveLength(700);
  });
});

describe('opening', () => {
  test('what was written is there after reopening, and new migrations run once', async () => {
    const first = open();
    await add(first, 'a');
    await first.close();
    const migrations = [createNotes, "ALTER TABLE notes ADD COLUMN colour TEXT DEFAULT 'blue'"];
    await open({ migrations }).close();
    const third = open({ migrations });
    expect(third.read((sql) => sql.all('SELECT text, colour FROM notes'))).toEqual([
      { text: 'a', colour: 'blue' },
    ]);
  });

  test('a migration that fails changes nothing, not even what ran before it', async () => {
    await open().close();
    const migrations = [createNotes, 'CREATE TABLE more (id INTEGER) STRICT', 'not SQL'];
    expect(() => open({ migrations })).toThrow(/syntax error/);
    const database = open();
    expect(
      database.read((sql) => sql.all("SELECT name FROM sqlite_schema WHERE type = 'table'")),
    ).toEqual([{ name: 'notes' }]);
  });

  test('a file that is already open is refused, also where opening it has written nothing', async () => {
    const first = open();
    expect(() => open()).toThrow(expect.objectContaining({ code: 'DATABASE_IN_USE' }));
    await first.close();
    open();
    expect(() => open()).toThrow(expect.objectContaining({ code: 'DATABASE_IN_USE' }));
  });

  test('the file and its directory are for its owner alone', async () => {
    await add(open(), 'a');
    expect(statSync(join(directory, 'data')).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(join(directory, 'data'))) {
      expect(statSync(join(directory, 'data', name)).mode & 0o777).toBe(0o600);
    }
  });

  test("another service's database is refused and not touched", async () => {
    await open().close();
    expectRefused('DATABASE_FOREIGN', { name: 'letters' });
  });

  test("another program's database is refused and not touched", () => {
    mkdirSync(join(directory, 'data'));
    const foreign = new DatabaseSync(path);
    foreign.exec('CREATE TABLE theirs (id INTEGER)');
    foreign.close();
    expectRefused('DATABASE_FOREIGN');
  });

  test('a database of a newer release is refused and not touched', async () => {
    await open({ migrations: [createNotes, 'CREATE TABLE more (id INTEGER) STRICT'] }).close();
    expectRefused('DATABASE_NEWER');
  });

  test('a file that is no database is refused and not touched', () => {
    mkdirSync(join(directory, 'data'));
    writeFileSync(path, 'Dear diary, '.repeat(1000));
    expectRefused('DATABASE_CORRUPT');
  });

  test('a damaged database is refused and not touched', async () => {
    const database = open();
    await Promise.all(
      Array.from({ length: 500 }, (_, index) => add(database, `${index} `.repeat(50))),
    );
    await database.close();
    const bytes = readFileSync(path);
    bytes.fill(0xff, 4096 * 2, 4096 * 6);
    writeFileSync(path, bytes);
    expectRefused('DATABASE_CORRUPT');
  });

  test('a place where nothing can be created is named', () => {
    writeFileSync(join(directory, 'file'), '');
    const impossible = join(directory, 'file', 'notes.db');
    expect(() => open({ path: impossible })).toThrow(
      expect.objectContaining({
        code: 'DATABASE_UNAVAILABLE',
        message: expect.stringContaining(impossible),
      }),
    );
  });

  test.skipIf(process.getuid?.() === 0)('a directory without write permission is named', () => {
    chmodSync(directory, 0o500);
    expect(() => open()).toThrow(expect.objectContaining({ code: 'DATABASE_UNAVAILABLE' }));
    chmodSync(directory, 0o700);
  });

  function expectRefused(code: string, options: { name?: string } = {}): void {
    const before = readFileSync(path);
    expect(() => open(options)).toThrow(expect.objectContaining({ code }));
    expect(readFileSync(path).equals(before)).toBe(true);
  }
});
