import type { Sql } from '@credential-renewal/storage';
import { compactedTopics, topics } from './cloud-event.ts';
import { consumerGroups, replayTopic } from './topic-partition.ts';

const dayMs = 24 * 60 * 60 * 1000;
/** Who was away for less sees every step of a compacted topic. */
export const compactionLagMs = 7 * dayMs;
/** Of the other topics. */
export const retentionMs = 30 * dayMs;

const supersededEvents = `
  SELECT "offset" FROM events AS old WHERE topic = ? AND logged_ms < ? AND EXISTS (
    SELECT 1 FROM events WHERE topic = old.topic AND key = old.key AND "offset" > old."offset")`;

// Only after everything before it in its key is gone, or the key would rise from the dead for a newcomer.
const spentTombstones = `
  SELECT "offset" FROM events AS old WHERE topic = ? AND logged_ms < ? AND is_tombstone = 1 AND NOT EXISTS (
    SELECT 1 FROM events WHERE topic = old.topic AND key = old.key AND "offset" < old."offset")`;

const agedEvents = 'SELECT "offset" FROM events WHERE topic = ? AND logged_ms < ?';

/**
 * Deletes up to about `limit` events that need not be kept: superseded ones and tombstones of compacted topics after
 * 7 days, those of other topics and replays after 30. Dead letters stay until an operator removes them. Answers with the number.
 */
export function deleteOldEvents(sql: Sql, nowMs: number, limit: number): number {
  let deleted = 0;
  for (const topic of [...topics, ...consumerGroups.map(replayTopic)]) {
    const rules = compactedTopics.has(topic)
      ? [supersededEvents, spentTombstones].map((rule) => ({ rule, keptMs: compactionLagMs }))
      : [{ rule: agedEvents, keptMs: retentionMs }];
    for (const { rule, keptMs } of rules) {
      if (deleted >= limit) return deleted;
      deleted += sql.run(
        `DELETE FROM events WHERE "offset" IN (${rule} LIMIT ?)`,
        topic,
        nowMs - keptMs,
        limit - deleted,
      );
    }
  }
  return deleted;
}
