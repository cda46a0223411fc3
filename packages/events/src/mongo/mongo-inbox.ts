import type { Clock } from '@credential-renewal/runtime';
import {
  isDuplicateKey,
  type MongoDatabase,
  type MongoIndex,
  openRecords,
} from '@credential-renewal/storage/mongo';
import { type Inbox, inboxKeptMs } from '../inbox.ts';

export const inboxCollection = 'inbox';
export const inboxIndex: MongoIndex = { name: 'seen', key: { seenMs: 1 } };

type Seen = { _id: string; seenMs: number };

const pruneEveryMs = 60 * 60 * 1000;

/** One inbox for each group and process; what it prunes is everybody's. */
export function mongoInbox(database: MongoDatabase, group: string, clock: Clock): Inbox {
  const seen = openRecords<Seen>(database, inboxCollection);
  let prunedMs = Number.NEGATIVE_INFINITY;
  const idOf = (eventId: string) => `${group} ${eventId}`;

  // Not left to a TTL index: not every server that speaks the protocol deletes by it, or by our clock.
  async function prune(nowMs: number): Promise<void> {
    if (nowMs - prunedMs < pruneEveryMs) return;
    prunedMs = nowMs;
    await seen((records) => records.deleteMany({ seenMs: { $lt: nowMs - inboxKeptMs } }));
  }

  return {
    has: async (eventId) =>
      (await seen((records) => records.findOne({ _id: idOf(eventId) }))) !== null,

    async add(eventId) {
      const nowMs = clock.nowMs();
      try {
        await seen((records) => records.insertOne({ _id: idOf(eventId), seenMs: nowMs }));
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
      }
      await prune(nowMs);
    },
  };
}
