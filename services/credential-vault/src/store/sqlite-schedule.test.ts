import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Sql, SqliteDatabase, SqlValue } from '@credential-renewal/storage';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dayMs, sampleCredential, startMs } from '../testing/sample.ts';
import type { CredentialStore } from './credential-store.ts';
import { createSqliteCredentialStore } from './sqlite-credential-store.ts';
import { openVaultDatabase } from './sqlite-vault-database.ts';

const stored = 10_000;
const due = 1_000;

let directory: string;
let database: SqliteDatabase;
let store: CredentialStore;
/** What the store has asked. */
let asked: { text: string; values: SqlValue[] }[];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'schedule-'));
  database = openVaultDatabase(join(directory, 'vault.db'));
  asked = [];
  store = createSqliteCredentialStore(listening(database), { nowMs: () => startMs });
  await Promise.all(
    Array.from({ length: stored }, (_, index) =>
      store.insert(
        sampleCredential({
          id: `credential-${index}`,
          joinKey: `credential-${index}`,
          accountId: `account-${index % 100}`,
          // Scattered among those that are not due.
          nextAttemptAtMs: index % 10 === 0 ? startMs - index : startMs + dayMs + index,
        }),
        [],
      ),
    ),
  );
}, 60_000);
afterAll(async () => {
  await database.close();
  rmSync(directory, { recursive: true });
});

function listening(inner: SqliteDatabase): SqliteDatabase {
  const hear = (sql: Sql): Sql => ({
    ...sql,
    all: (text, ...values) => {
      asked.push({ text, values });
      return sql.all(text, ...values);
    },
    get: (text, ...values) => {
      asked.push({ text, values });
      return sql.get(text, ...values);
    },
  });
  return { ...inner, read: (work) => inner.read((sql) => work(hear(sql))) };
}

/** How SQLite finds what a question asks for. */
async function plansOf(ask: () => Promise<unknown>): Promise<string[]> {
  asked = [];
  await ask();
  expect(asked).not.toEqual([]);
  return asked.flatMap(({ text, values }) =>
    database.read((sql) =>
      sql
        .all<{ detail: string }>(`EXPLAIN QUERY PLAN ${text}`, ...values)
        .map(({ detail }) => detail),
    ),
  );
}

test('of 10,000 stored exactly the 1,000 that are due are listed, nearest deadline first, page after page', async () => {
  const seen = new Set<string>();
  let lastDueMs = Number.NEGATIVE_INFINITY;
  for (;;) {
    const page = await store.listDue(startMs, { limit: 100 });
    if (page.length === 0) break;
    for (const { id } of page) {
      const dueMs = startMs - Number(id.slice('credential-'.length));
      expect(dueMs).toBeGreaterThanOrEqual(lastDueMs);
      lastDueMs = dueMs;
      seen.add(id);
    }
    await Promise.all(
      page.map(({ id }) =>
        store.update(id, (credential) => ({
          credential: { ...credential, nextAttemptAtMs: startMs + dayMs },
          events: [],
        })),
      ),
    );
  }
  expect(seen.size).toBe(due);
});

const elsewhere = { limit: 10, excludedProviderIds: ['orchard'] };
const client = { providerId: 'orchard', clientId: 'our-client', except: 'account-1' };

test.each<[string, () => Promise<unknown>]>([
  ['what is due', () => store.listDue(startMs, { limit: 10 })],
  ['what is due elsewhere', () => store.listDue(startMs, elsewhere)],
  ['what will be due next', () => store.nextDueMs(startMs)],
  ['what time alone may change', () => store.listTicks(startMs, 10)],
  ['for whom a client works', () => store.accountsWorkedSince(client, startMs, 10)],
  ['whose verdicts are held', () => store.listHeld(client, 10)],
  ['what is under an older data key', () => store.listOlderDataKey('a', undefined, 10)],
])('%s is told by an index alone: no document is read for it', async (_, ask) => {
  const used = (await plansOf(ask)).filter((plan) => /\bcredential\b/.test(plan));
  expect(used).not.toEqual([]);
  for (const plan of used) expect(plan).toContain('COVERING INDEX');
});

test.each<[string, () => Promise<unknown>]>([
  ['what is due', () => store.listDue(startMs, { limit: 10 })],
  ['what is due elsewhere', () => store.listDue(startMs, elsewhere)],
  ['what will be due next', () => store.nextDueMs(startMs)],
  ['what time alone may change', () => store.listTicks(startMs, 10)],
  ['what is to be revoked', () => store.listRevocations(startMs, 10)],
  ['for whom a client works', () => store.accountsWorkedSince(client, startMs, 10)],
  ['for whom a client is refused', () => store.accountsRefusingClient(client, 10)],
  ['whose verdicts are held', () => store.listHeld(client, 10)],
  ['whether a grant is shared', () => store.grantIsShared(sampleCredential())],
  ['what is under an older data key', () => store.listOlderDataKey('a', undefined, 10)],
  ['how much is under an older data key', () => store.countOlderDataKey('a', 10)],
])(
  '%s is found by an index: no question looks through all that is stored, or sorts it',
  async (_, ask) => {
    for (const plan of await plansOf(ask)) {
      expect(plan).not.toMatch(/^SCAN (credential|candidate)\b/);
      expect(plan).not.toMatch(/FOR ORDER BY/);
    }
  },
);
