import type { Logger } from '@credential-renewal/runtime';
import type { Sql, SqliteDatabase } from '@credential-renewal/storage';

/** How far each group has come in each partition: the offset of the last event it handled. */
export type GroupProgress = {
  /** 0 when the group is new. */
  handledUpTo(group: string, topic: string, partition: number): bigint;
  topicsOf(group: string): string[];
  /** Notes it; on disk soon after. A crash in between delivers a few events again. */
  handled(group: string, topic: string, partition: number, offset: bigint): void;
  /** Resolves when everything noted so far is on disk. */
  flush(): Promise<void>;
};

type Place = { group: string; topic: string; partition: number; offset: bigint };

/** One write for the progress of all partitions in this time; each write costs an fsync. */
const collectMs = 20;
const retryMs = 1000;

export function createGroupProgress(
  database: SqliteDatabase,
  write: SqliteDatabase['write'],
  logger: Logger,
): GroupProgress {
  let noted = new Map<string, Place>();
  let timer: NodeJS.Timeout | undefined;
  let last: Promise<void> = Promise.resolve();

  async function store(): Promise<void> {
    const places = noted;
    if (places.size === 0) return;
    noted = new Map();
    try {
      await write((sql) => {
        for (const place of places.values()) put(sql, place);
      });
    } catch (err) {
      // Newer notes win over those that could not be written.
      noted = new Map([...places, ...noted]);
      schedule(retryMs);
      throw err;
    }
  }

  // One after another: an older note must not overwrite a newer one that was quicker.
  function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    last = last.catch(() => undefined).then(store);
    return last;
  }

  function schedule(ms: number): void {
    timer ??= setTimeout(() => {
      flush().catch((err) =>
        logger.error({ err }, 'the progress of event consumers could not be stored; trying again'),
      );
    }, ms);
  }

  return {
    handledUpTo: (group, topic, partition) =>
      BigInt(
        database.read((sql) =>
          sql.get<{ offset: number }>(
            'SELECT "offset" FROM progress WHERE "group" = ? AND topic = ? AND partition = ?',
            group,
            topic,
            partition,
          ),
        )?.offset ?? 0,
      ),
    topicsOf: (group) =>
      database
        .read((sql) =>
          sql.all<{ topic: string }>(
            'SELECT DISTINCT topic FROM progress WHERE "group" = ?',
            group,
          ),
        )
        .map((row) => row.topic),
    handled(group, topic, partition, offset) {
      noted.set(`${group} ${topic} ${partition}`, { group, topic, partition, offset });
      schedule(collectMs);
    },
    flush,
  };
}

function put(sql: Sql, { group, topic, partition, offset }: Place): void {
  sql.run(
    `INSERT INTO progress ("group", topic, partition, "offset") VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET "offset" = excluded."offset"`,
    group,
    topic,
    partition,
    offset,
  );
}
