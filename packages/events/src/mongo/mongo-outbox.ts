import { type Clock, uuidv7 } from '@credential-renewal/runtime';
import type {
  MongoCollection,
  MongoDocuments,
  MongoIndex,
  WriteEffects,
} from '@credential-renewal/storage/mongo';
import type { CloudEvent } from '../cloud-event.ts';
import type { Outbox } from '../outbox.ts';

/** How a document carries its events until they are published; for the schema of a collection that has an outbox. */
export const outboxFields = {
  outbox: { type: [{ event: {} }], _id: false, default: undefined },
  /** When the oldest that waits was written, at the latest; absent when none waits. */
  outboxSinceMs: Number,
  /** Who publishes them at the moment, and until when nobody else may. */
  outboxOwner: String,
  outboxOwnedUntilMs: Number,
};

/** Only documents with waiting events stand in it. */
export const outboxIndex: MongoIndex = {
  name: 'outbox_waiting',
  key: { outboxSinceMs: 1 },
  sparse: true,
};

type Collection = MongoCollection<Carrier>;
type Carrier = { _id: string; outbox?: { event: CloudEvent }[]; outboxSinceMs?: number };

/** Longer than one publish may take, so that a claim is lost by those who hang or died, and not by the slow. */
const claimMs = 30_000;

/** For the write that makes the change the events tell of. */
export function withEvents(events: readonly CloudEvent[]): WriteEffects {
  if (events.length === 0) return { fields: {}, change: {} };
  const sinceMs = Math.min(...events.map(({ time }) => Date.parse(time)));
  const entries = events.map((event) => ({ event }));
  return {
    fields: { outbox: entries, outboxSinceMs: sinceMs },
    change: { $push: { outbox: { $each: entries } }, $min: { outboxSinceMs: sinceMs } },
  };
}

/** For the write that retires a document: the relay has to come by, if only to delete it. */
export function withLastEvents(events: readonly CloudEvent[], nowMs: number): WriteEffects {
  const outbox = { $each: events.map((event) => ({ event })) };
  return { fields: {}, change: { $push: { outbox }, $min: { outboxSinceMs: nowMs } } };
}

/**
 * The outbox of a collection whose documents carry their events, shared by any number of replicas. The lease is one per document, which is one per
 * key, so the events of a key are in one replica's hands at a time and keep their order, and whoever wrote an event can publish
 * it at once. A replica that dies leaves its claims to the others after 30 seconds.
 */
export function mongoOutbox<D>(documents: MongoDocuments<D>, clock: Clock): Outbox {
  const owner = uuidv7(clock.nowMs());
  const ask = <T>(work: (collection: Collection) => Promise<T>) => documents.ask(work);

  /** Takes what nobody holds among the oldest; answers with their ids. */
  async function claim(limit: number): Promise<{ ids: string[]; untilMs: number }> {
    const nowMs = clock.nowMs();
    const untilMs = nowMs + claimMs;
    const isFree = {
      outboxSinceMs: { $exists: true },
      $or: [
        { outboxOwner: owner },
        { outboxOwnedUntilMs: { $exists: false } },
        { outboxOwnedUntilMs: { $lt: nowMs } },
        // Of a clock that ran far ahead.
        { outboxOwnedUntilMs: { $gt: nowMs + 10 * claimMs } },
      ],
    };
    const free = await ask((collection) =>
      collection
        .find(isFree, { projection: { _id: 1 }, sort: { outboxSinceMs: 1 }, limit })
        .toArray(),
    );
    const ids = free.map(({ _id }) => _id);
    if (ids.length > 0) {
      await ask((collection) =>
        collection.updateMany(
          { _id: { $in: ids }, ...isFree },
          { $set: { outboxOwner: owner, outboxOwnedUntilMs: untilMs } },
        ),
      );
    }
    return { ids, untilMs };
  }

  return {
    async pending(limit) {
      const { ids, untilMs } = await claim(limit);
      if (ids.length === 0) return [];
      const claimed = await ask((collection) =>
        collection
          .find(
            { _id: { $in: ids }, outboxOwner: owner, outboxOwnedUntilMs: untilMs },
            { projection: { outbox: 1 }, sort: { outboxSinceMs: 1 } },
          )
          .toArray(),
      );
      const empty = claimed.filter(({ outbox }) => !outbox?.length).map(({ _id }) => _id);
      if (empty.length > 0) await ask((collection) => tidy(collection, empty));
      return claimed
        .flatMap(({ _id, outbox = [] }) =>
          outbox.map(({ event }) => ({ position: `${event.id} ${_id}`, event })),
        )
        .slice(0, limit);
    },

    async remove(positions) {
      const byDocument = Map.groupBy(positions.map(splitPosition), ({ documentId }) => documentId);
      const pulls = [...byDocument].map(([documentId, entries]) => ({
        updateOne: {
          filter: { _id: documentId },
          update: {
            $pull: { outbox: { 'event.id': { $in: entries.map(({ eventId }) => eventId) } } },
          },
        },
      }));
      if (pulls.length === 0) return;
      await ask((collection) => collection.bulkWrite(pulls, { ordered: false }));
      await ask((collection) => tidy(collection, [...byDocument.keys()]));
    },

    async backlog() {
      const [waiting] = await ask((collection) =>
        collection
          .aggregate<{ count: number; oldestMs: number }>([
            { $match: { outboxSinceMs: { $exists: true } } },
            {
              $group: {
                _id: null,
                count: { $sum: { $size: '$outbox' } },
                oldestMs: { $min: '$outboxSinceMs' },
              },
            },
          ])
          .toArray(),
      );
      if (!waiting || waiting.count === 0) return { count: 0, oldestAgeMs: 0 };
      return { count: waiting.count, oldestAgeMs: Math.max(0, clock.nowMs() - waiting.oldestMs) };
    },
  };
}

/** Frees those whose last event is out, and deletes what only waited for that. What got a new event meanwhile is left as it is. */
async function tidy(collection: Collection, ids: readonly string[]): Promise<void> {
  const isEmpty = { _id: { $in: ids }, outbox: { $size: 0 } };
  await collection.deleteMany({ ...isEmpty, retired: true });
  await collection.updateMany(isEmpty, {
    $unset: { outboxSinceMs: '', outboxOwner: '', outboxOwnedUntilMs: '' },
  });
}

function splitPosition(position: string): { eventId: string; documentId: string } {
  const space = position.indexOf(' ');
  return { eventId: position.slice(0, space), documentId: position.slice(space + 1) };
}
