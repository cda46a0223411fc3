import { appendToOutbox, type CloudEvent, sqliteOutbox } from '@credential-renewal/events';
import type { Clock } from '@credential-renewal/runtime';
import type { Sql, SqliteDatabase, SqlValue } from '@credential-renewal/storage';
import type { Credential } from '../credential.ts';
import { credentialFields, identityKeyOf } from './credential-fields.ts';
import type {
  CredentialStore,
  DataKeyPlace,
  DueCredential,
  ProviderClient,
  Transition,
} from './credential-store.ts';
import { countTo } from './sqlite-vault-database.ts';

type DocumentRow = { document: string };

const columns =
  'id, version, account_id, provider_id, client_id, identity_key, join_key, due_at, lease_expires_at, tick_at, worked_at, revoke_at, client_refused_at, held_at, data_key, document';

/** Credentials as JSON documents with the queried fields beside them; SQLite runs one write at a time, so reading and writing in one transaction is the condition. */
export function createSqliteCredentialStore(
  database: SqliteDatabase,
  clock: Clock,
): CredentialStore {
  const findOne = (text: string, ...values: SqlValue[]) =>
    database.read((sql) => parse(sql.get<DocumentRow>(text, ...values)));

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

    insert: (credential, events) =>
      database.write((sql) => {
        const marks = columns.replaceAll(/\w+/g, '?');
        const inserted = sql.run(
          `INSERT INTO credential (${columns}) VALUES (${marks}) ON CONFLICT DO NOTHING`,
          ...toRow(credential),
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

    listDue: async (nowMs, limit) =>
      database.read((sql) =>
        sql.all<DueCredential>(
          `SELECT id, provider_id AS providerId, client_id AS clientId FROM credential
           WHERE due_at <= ? AND lease_expires_at <= ? ORDER BY due_at LIMIT ?`,
          nowMs,
          nowMs,
          limit,
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
      database.read((sql) =>
        sql
          .all<DocumentRow>(
            'SELECT document FROM credential WHERE revoke_at <= ? ORDER BY revoke_at LIMIT ?',
            nowMs,
            limit,
          )
          .map((row) => JSON.parse(row.document) as Credential),
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

    outbox: sqliteOutbox(database, clock),
  };
}

function change(sql: Sql, id: string, transition: Transition): Credential | undefined {
  const current = parse(sql.get<DocumentRow>('SELECT document FROM credential WHERE id = ?', id));
  if (!current) return undefined;
  const step = transition(current);
  if (!step) return current;
  const next = { ...step.credential, version: current.version + 1 };
  const [, ...values] = toRow(next);
  sql.run(
    `UPDATE credential SET version = ?, account_id = ?, provider_id = ?, client_id = ?, identity_key = ?, join_key = ?, due_at = ?,
       lease_expires_at = ?, tick_at = ?, worked_at = ?, revoke_at = ?, client_refused_at = ?, held_at = ?,
       data_key = ?, document = ?
     WHERE id = ?`,
    ...values,
    id,
  );
  appendToOutbox(sql, step.events);
  return next;
}

function toRow(credential: Credential): SqlValue[] {
  const fields = credentialFields(credential);
  return [
    credential.id,
    credential.version,
    fields.accountId,
    fields.providerId,
    fields.clientId,
    fields.identityKey,
    fields.joinKey,
    fields.dueAtMs ?? null,
    fields.leaseExpiresAtMs,
    fields.tickAtMs ?? null,
    fields.workedAtMs,
    fields.revokeAtMs ?? null,
    fields.clientRefusedAtMs ?? null,
    fields.heldAtMs ?? null,
    fields.dataKey,
    JSON.stringify(credential),
  ];
}

/** No account has an empty id. */
function clientValues({ providerId, clientId, except = '' }: ProviderClient): SqlValue[] {
  return [providerId, clientId, except];
}

function parse(row: DocumentRow | undefined): Credential | undefined {
  return row && (JSON.parse(row.document) as Credential);
}
