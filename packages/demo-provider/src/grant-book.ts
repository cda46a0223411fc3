import type { Clock } from '@credential-renewal/runtime';
import type { SqliteDatabase } from '@credential-renewal/storage';

/** What somebody granted at one of the demo providers. Times in epoch milliseconds. */
export type DemoGrant = {
  id: string;
  providerId: string;
  /** The provider account as the chooser shows it. */
  account: string;
  scopes: string[];
  sinceMs: number;
  /** Since this process started; undefined: not yet. */
  lastUseMs: number | undefined;
  endedAtMs: number | undefined;
  /** `withdrawn`, `revoked`, `reuse`, or the error Chatter gives as its reason. */
  endedBy: string | undefined;
};

export type GrantBook = {
  open(grant: { id: string; providerId: string; account: string; scopes: string[] }): Promise<void>;
  touch(id: string): void;
  /** The first end counts. */
  end(id: string, endedBy: string): Promise<void>;
  find(id: string): DemoGrant | undefined;
  /** Newest first. */
  list(filter?: { providerId?: string; account?: string; alive?: boolean }): DemoGrant[];
};

type Row = {
  id: string;
  provider_id: string;
  account: string;
  scopes: string;
  since_ms: number;
  ended_at_ms: number | null;
  ended_by: string | null;
};

export function createGrantBook(database: SqliteDatabase, clock: Clock): GrantBook {
  const lastUse = new Map<string, number>();
  const toGrant = (row: Row): DemoGrant => ({
    id: row.id,
    providerId: row.provider_id,
    account: row.account,
    scopes: row.scopes.split(' ').filter(Boolean),
    sinceMs: row.since_ms,
    lastUseMs: lastUse.get(row.id),
    endedAtMs: row.ended_at_ms ?? undefined,
    endedBy: row.ended_by ?? undefined,
  });

  return {
    async open({ id, providerId, account, scopes }) {
      await database.write((sql) =>
        sql.run(
          'INSERT INTO demo_grant (id, provider_id, account, scopes, since_ms) VALUES (?, ?, ?, ?, ?)',
          id,
          providerId,
          account,
          scopes.join(' '),
          clock.nowMs(),
        ),
      );
    },
    touch(id) {
      lastUse.set(id, clock.nowMs());
    },
    async end(id, endedBy) {
      await database.write((sql) =>
        sql.run(
          'UPDATE demo_grant SET ended_at_ms = ?, ended_by = ? WHERE id = ? AND ended_at_ms IS NULL',
          clock.nowMs(),
          endedBy,
          id,
        ),
      );
    },
    find(id) {
      const row = database.read((sql) => sql.get<Row>('SELECT * FROM demo_grant WHERE id = ?', id));
      return row && toGrant(row);
    },
    list({ providerId, account, alive } = {}) {
      return database
        .read((sql) => sql.all<Row>('SELECT * FROM demo_grant ORDER BY since_ms DESC, id'))
        .map(toGrant)
        .filter(
          (grant) =>
            (providerId === undefined || grant.providerId === providerId) &&
            (account === undefined || grant.account === account) &&
            (alive === undefined || (grant.endedAtMs === undefined) === alive),
        );
    },
  };
}
