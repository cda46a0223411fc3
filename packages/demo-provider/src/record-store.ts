import type { Clock } from '@credential-renewal/runtime';
import type { SqliteDatabase } from '@credential-renewal/storage';

export type RecordPayload = Record<string, unknown>;
export type StoredRecord = { payload: RecordPayload; consumedAtMs: number | undefined };

/**
 * What one authorization server has issued. `find` answers undefined for what never was, was destroyed or has expired on
 * the injected clock; `put` resolves when the record is on disk.
 */
export type RecordStore = {
  put(model: string, id: string, payload: RecordPayload, lifetimeMs?: number): Promise<void>;
  find(model: string, id: string): StoredRecord | undefined;
  findBySessionUid(uid: string): StoredRecord | undefined;
  /** The first time counts; answers whether this call was it. */
  consume(model: string, id: string): Promise<boolean>;
  destroy(model: string, id: string): Promise<void>;
  /** Everything issued under the grant, and the grant itself. */
  destroyGrant(grantId: string): Promise<void>;
  /** Every record of this model; answers how many. */
  destroyAll(model: string): Promise<number>;
};

type Row = { payload: string; consumed_at_ms: number | null };

export function createRecordStore(options: {
  database: SqliteDatabase;
  clock: Clock;
  issuer: string;
}): RecordStore {
  const { database, clock, issuer } = options;
  const toRecord = (row: Row | undefined): StoredRecord | undefined =>
    row && {
      payload: JSON.parse(row.payload) as RecordPayload,
      consumedAtMs: row.consumed_at_ms ?? undefined,
    };

  return {
    async put(model, id, payload, lifetimeMs) {
      const expiresAtMs = lifetimeMs === undefined ? null : Math.round(clock.nowMs() + lifetimeMs);
      await database.write((sql) =>
        sql.run(
          `INSERT INTO record (issuer, model, id, session_uid, grant_id, payload, expires_at_ms)
           VALUES (?, ?, ?, ?, ?, ?, ?)
           ON CONFLICT DO UPDATE SET payload = excluded.payload, session_uid = excluded.session_uid,
             grant_id = excluded.grant_id, expires_at_ms = excluded.expires_at_ms`,
          issuer,
          model,
          id,
          textOrNull(payload['uid']),
          textOrNull(payload['grantId']),
          JSON.stringify(payload),
          expiresAtMs,
        ),
      );
    },
    find: (model, id) =>
      toRecord(
        database.read((sql) =>
          sql.get<Row>(
            `SELECT payload, consumed_at_ms FROM record
             WHERE issuer = ? AND model = ? AND id = ? AND (expires_at_ms IS NULL OR expires_at_ms > ?)`,
            issuer,
            model,
            id,
            clock.nowMs(),
          ),
        ),
      ),
    findBySessionUid: (uid) =>
      toRecord(
        database.read((sql) =>
          sql.get<Row>(
            `SELECT payload, consumed_at_ms FROM record
             WHERE issuer = ? AND session_uid = ? AND model = 'Session'
               AND (expires_at_ms IS NULL OR expires_at_ms > ?)`,
            issuer,
            uid,
            clock.nowMs(),
          ),
        ),
      ),
    async consume(model, id) {
      const changed = await database.write((sql) =>
        sql.run(
          `UPDATE record SET consumed_at_ms = ?
           WHERE issuer = ? AND model = ? AND id = ? AND consumed_at_ms IS NULL`,
          clock.nowMs(),
          issuer,
          model,
          id,
        ),
      );
      return changed === 1;
    },
    async destroy(model, id) {
      await database.write((sql) =>
        sql.run('DELETE FROM record WHERE issuer = ? AND model = ? AND id = ?', issuer, model, id),
      );
    },
    async destroyGrant(grantId) {
      await database.write((sql) => {
        sql.run('DELETE FROM record WHERE issuer = ? AND grant_id = ?', issuer, grantId);
        sql.run(
          `DELETE FROM record WHERE issuer = ? AND model = 'Grant' AND id = ?`,
          issuer,
          grantId,
        );
      });
    },
    destroyAll: (model) =>
      database.write((sql) =>
        sql.run('DELETE FROM record WHERE issuer = ? AND model = ?', issuer, model),
      ),
  };
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
