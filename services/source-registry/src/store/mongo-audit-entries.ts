import {
  type MongoDatabase,
  type MongoIndex,
  openDocuments,
  type WriteEffects,
} from '@credential-renewal/storage/mongo';
import type { AuditEntry } from '../audit-entry.ts';
import type { PageRequest } from '../page.ts';
import type { UseDocuments } from './mongo-use-documents.ts';

/** How a use carries the entries of its history until they are moved to a collection of their own, where they outlive it. */
export const waitingAuditFields = {
  audit: { type: [{}], default: undefined },
  /** Absent when none waits. */
  auditWaits: Boolean,
};

/** Only uses with waiting entries stand in it. */
export const auditWaitsIndex: MongoIndex = {
  name: 'audit_waiting',
  key: { auditWaits: 1 },
  sparse: true,
};

/** What is true of a use none of whose entries waits, whether it ever carried any or not. */
export const noAuditWaits = { 'audit.0': { $exists: false } };

/** For the write that makes the change the entry tells of. */
export function withAudit(effects: WriteEffects, entry: AuditEntry | undefined): WriteEffects {
  if (!entry) return effects;
  const { fields, change } = effects;
  return {
    fields: { ...fields, audit: [entry], auditWaits: true },
    change: {
      ...change,
      $push: { ...change.$push, audit: entry },
      $set: { ...change.$set, auditWaits: true },
    },
  };
}

export type AuditEntries = {
  /** Newest first. */
  list(useId: string, page: PageRequest): Promise<AuditEntry[]>;
  /** Moves all that wait. Any number of replicas may be at it: an entry has one id, and what is there is not written again. */
  moveWaiting(signal: AbortSignal): Promise<void>;
};

const batch = 100;

export function openAuditEntries(database: MongoDatabase, uses: UseDocuments): AuditEntries {
  const moved = openDocuments<AuditEntry>({
    ...{ database, name: 'audit_entries', schemaVersion: 1 },
    fields: { useId: String, position: Number },
    fieldsOf: ({ useId, position }) => ({ useId, position }),
  });

  async function move(useId: string, entries: readonly AuditEntry[]): Promise<void> {
    await Promise.all(entries.map((entry) => moved.insert(`${useId} ${entry.position}`, entry)));
    const positions = entries.map(({ position }) => position);
    await uses.ask<Carrier, unknown>((collection) =>
      collection.bulkWrite([
        {
          updateOne: {
            filter: { _id: useId },
            update: { $pull: { audit: { position: { $in: positions } } } },
          },
        },
        // A removed use goes with the last that it carries: an event or an entry.
        {
          deleteOne: {
            filter: { _id: useId, retired: true, outbox: { $size: 0 }, ...noAuditWaits },
          },
        },
        {
          updateOne: {
            filter: { _id: useId, ...noAuditWaits },
            update: { $unset: { auditWaits: '' } },
          },
        },
      ]),
    );
  }

  return {
    async list(useId, { limit, after }) {
      const isBehind = ({ position }: AuditEntry) => !after || position < after.order;
      // What waits is read first: what moves meanwhile is in the other place before it is gone from here.
      const use = await uses.first({ where: { _id: useId }, only: ['audit'] });
      const found = await moved.list({
        where: { useId, ...(after ? { position: { $lt: after.order } } : {}) },
        ...{ sort: { position: -1 }, limit },
      });
      const waiting = (use?.['audit'] ?? []) as AuditEntry[];
      const entries = [...found.map(({ document }) => document), ...waiting.filter(isBehind)];
      const byPosition = new Map(entries.map((entry) => [entry.position, entry]));
      return [...byPosition.values()]
        .sort((one, other) => other.position - one.position)
        .slice(0, limit);
    },

    async moveWaiting(signal) {
      while (!signal.aborted) {
        const carriers = await uses.list({
          where: { auditWaits: true },
          limit: batch,
          only: ['audit'],
        });
        for (const { _id, audit } of carriers) await move(_id, (audit ?? []) as AuditEntry[]);
        if (carriers.length < batch) return;
      }
    },
  };
}

type Carrier = {
  audit?: AuditEntry[];
  auditWaits?: boolean;
  outbox?: unknown[];
  retired?: boolean;
};
