import { appendToOutbox, type CloudEvent, sqliteOutbox } from '@credential-renewal/events';
import type { Clock } from '@credential-renewal/runtime';
import type { Row, Sql, SqliteDatabase, SqlValue } from '@credential-renewal/storage';
import type { Credential } from '../credential.ts';
import { credentialFields, identityKeyOf } from './credential-fields.ts';
import type {
  CredentialStore,
  DataKeyPlace,
  DueCredential,
  ProviderClient,
  StatusCount,
  Transition,
} from './credential-store.ts';
import { countTo } from './sqlite-vault-database.ts';

type DocumentRow = { document: string };

/** Credentials as JSON documents with the queried fields beside them; SQLite runs one write at a time, so reading and writing in one transaction is the condition. */
export function createSqliteCredentialStore(
  database: SqliteDatabase,
  clock: Clock,
): CredentialStore {
  const findOne = (text: string, ...values: SqlValue[]) =>
    database.read((sql) => parse(sql.get<DocumentRow>(text, ...values)));

  const listAll = (text: string, ...values: SqlValue[]) =>
    database.read((sql) =>
      sql.all<DocumentRow>(text, ...values).map((row) => JSON.parse(row.document) as Credential),
    );

  /** `rows` ends where a limit can follow. */
  const accountsOf = (rows: string, ...values: SqlValue[]) =>
    database.read((sql) =>
      sql
        .all<{ account_id: string }>(`SELECT DISTINCT account_id FROM (${rows} LIMIT ?)`, ...values)
        .map(({ account_id }) => account_id),
    );

  return {
    find: async (id) => findOne('SELECT document FROM credential WHERE id = ?', id),
    findByJoinKey: async (joinKey) =>
      findOne('SELECT document FROM credential WHERE join_key = ?', joinKey),
    findMany: async (ids) =>
      listAll(
        'SELECT document FROM credential WHERE id IN (SELECT value FROM json_each(?))',
        JSON.stringify(ids),
      ),

    insert: (credential, events) =>
      database.write((sql) => {
        const row = toRow(credential);
        const columns = Object.keys(row);
        const inserted = sql.run(
          `INSERT INTO credential (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')}) ON CONFLICT DO NOTHING`,
          ...Object.values(row),
        );
        if (inserted === 1) appendToOutbox(sql, events);
        return inserted === 1;
      }),

    update: (id, transition) => database.write((sql) => change(sql, id, transition)),

    remove: (id, version, events: CloudEvent[]) =>
      database.write((sql) => {
        const removed = sql.run('DELETE FROM credential WHERE id = ? AND version = ?', id, version);
        if (removed === 1) appendToOutbox(sql, events);
        return removed === 1;
      }),

    listDue: async (nowMs, { limit, excludedProviderIds = [] }) =>
      database.read((sql) =>
        sql.all<DueCredential>(
          `SELECT id, provider_id AS providerId, client_id AS clientId FROM credential
           WHERE due_at <= ? AND lease_expires_at <= ?
             AND provider_id NOT IN (SELECT value FROM json_each(?)) ORDER BY due_at LIMIT ?`,
          ...[nowMs, nowMs, JSON.stringify(excludedProviderIds), limit],
        ),
      ),
    nextDueMs: async (nowMs) =>
      database.read((sql) => {
        const due = sql.get<{ at: number | null }>(
          'SELECT min(due_at) AS at FROM credential WHERE due_at > ?',
          nowMs,
        );
        const leased = sql.get<{ at: number | null }>(
          'SELECT min(lease_expires_at) AS at FROM credential WHERE due_at <= ? AND lease_expires_at > ?',
          nowMs,
          nowMs,
        );
        const moments = [due?.at, leased?.at].filter((at) => typeof at === 'number');
        return moments.length === 0 ? undefined : Math.min(...moments);
      }),
    listTicks: async (nowMs, limit) =>
      database.read((sql) =>
        sql
          .all<{ id: string }>(
            'SELECT id FROM credential WHERE tick_at <= ? ORDER BY tick_at LIMIT ?',
            nowMs,
            limit,
          )
          .map(({ id }) => id),
      ),

    accountsWorkedSince: async (client, sinceMs, sample) =>
      accountsOf(
        `SELECT account_id FROM credential
         WHERE provider_id = ? AND client_id = ? AND account_id <> ? AND worked_at >= ? ORDER BY worked_at DESC`,
        ...[...clientValues(client), sinceMs, sample],
      ),
    accountsRefusingClient: async (client, sample) =>
      accountsOf(
        `SELECT account_id FROM credential
         WHERE provider_id = ? AND client_id = ? AND account_id <> ? AND client_refused_at IS NOT NULL`,
        ...[...clientValues(client), sample],
      ),
    listHeld: async (client, limit) =>
      database.read((sql) =>
        sql.all<{ id: string; accountId: string }>(
          `SELECT id, account_id AS accountId FROM credential
           WHERE provider_id = ? AND client_id = ? AND account_id <> ? AND held_at IS NOT NULL ORDER BY held_at LIMIT ?`,
          ...[...clientValues(client), limit],
        ),
      ),
    countHeld: async (client, most) =>
      database.read((sql) =>
        countTo(
          sql,
          most,
          `SELECT 1 FROM credential
           WHERE provider_id = ? AND client_id = ? AND account_id <> ? AND held_at IS NOT NULL`,
          ...clientValues(client),
        ),
      ),
    grantIsShared: async ({ id, policy, identity }) =>
      database.read(
        (sql) =>
          sql.get(
            `SELECT 1 FROM credential
             WHERE provider_id = ? AND client_id = ? AND identity_key = ? AND id <> ? AND revoke_at IS NULL LIMIT 1`,
            policy.providerId,
            policy.clientId,
            identityKeyOf(identity),
            id,
          ) !== undefined,
      ),
    listRevocations: async (nowMs, limit) =>
      listAll(
        'SELECT document FROM credential WHERE revoke_at <= ? ORDER BY revoke_at LIMIT ?',
        nowMs,
        limit,
      ),

    listOlderDataKey: async (kid, after, limit) =>
      database.read((sql) =>
        sql.all<DataKeyPlace>(
          `SELECT data_key AS dataKey, id FROM credential
           WHERE data_key < ? AND (data_key, id) > (?, ?) ORDER BY data_key, id LIMIT ?`,
          kid,
          after?.dataKey ?? '',
          after?.id ?? '',
          limit,
        ),
      ),
    countOlderDataKey: async (kid, most) =>
      database.read((sql) =>
        countTo(sql, most, 'SELECT 1 FROM credential WHERE data_key < ?', kid),
      ),

    countByStatus: async () =>
      database.read((sql) =>
        sql.all<StatusCount>(
          'SELECT provider_id AS providerId, status, count FROM credential_count WHERE count > 0',
        ),
      ),

    outbox: sqliteOutbox(database, clock),
  };
}

function change(sql: Sql, id: string, transition: Transition): Credential | undefined {
  const stored = sql.get<Row & DocumentRow>('SELECT * FROM credential WHERE id = ?', id);
  const current = parse(stored);
  if (!stored || !current) return undefined;
  const step = transition(current);
  if (!step) return current;
  const next = { ...step.credential, version: current.version + 1 };
  // Only what changes: SQLite writes every index of a column that is named, whatever its value was, and each lies on a page of its own.
  const changed = Object.entries(toRow(next)).filter(([column, value]) => stored[column] !== value);
  sql.run(
    `UPDATE credential SET ${changed.map(([column]) => `${column} = ?`).join(', ')} WHERE id = ?`,
    ...changed.map(([, value]) => value),
    id,
  );
  appendToOutbox(sql, step.events);
  return next;
}

/** By column. */
function toRow(credential: Credential): Row {
  const fields = credentialFields(credential);
  return {
    id: credential.id,
    version: credential.version,
    account_id: fields.accountId,
    provider_id: fields.providerId,
    client_id: fields.clientId,
    identity_key: fields.identityKey,
    join_key: fields.joinKey,
    due_at: fields.dueAtMs ?? null,
    lease_expires_at: fields.leaseExpiresAtMs,
    tick_at: fields.tickAtMs ?? null,
    worked_at: fields.workedAtMs,
    revoke_at: fields.revokeAtMs ?? null,
    client_refused_at: fields.clientRefusedAtMs ?? null,
    held_at: fields.heldAtMs ?? null,
    data_key: fields.dataKey,
    status: credential.status,
    document: JSON.stringify(credential),
  };
}

/** No account has an empty id. */
function clientValues({ providerId, clientId, except = '' }: ProviderClient): SqlValue[] {
  return [providerId, clientId, except];
}

function parse(row: DocumentRow | undefined): Credential | undefined {
  return row && (JSON.parse(row.document) as Credential);
}
