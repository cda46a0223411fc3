import type { Clock, Logger } from '@credential-renewal/runtime';
import { type DeadLetterBox, replayGroup, type WaitingLetter } from './dead-letter-box.ts';
import type { LoggedEvent } from './event-log.ts';
import { insertEvent, openEventDatabase, readEvents } from './event-table.ts';
import { createGroupProgress } from './group-progress.ts';
import { deadLetterTopic, partitionsOf, replayTopic } from './topic-partition.ts';

const readAtOnce = 100;

/** Throws EventLogInUseError while the product runs. */
export function openEmbeddedDeadLetterBox(options: {
  directory: string;
  group: string;
  clock: Clock;
  logger: Logger;
}): DeadLetterBox {
  const { directory, group, clock, logger } = options;
  const database = openEventDatabase(directory);
  const progress = createGroupProgress(database, database.write, logger);
  const topic = deadLetterTopic(group);
  const keeper = replayGroup(group);

  function toLetter({ partition, offset, event, deadLetter }: LoggedEvent): WaitingLetter {
    return {
      ...{ partition, offset, deadLetter, content: event },
      async settle() {
        const entry = { topic: replayTopic(group), event };
        await database.write((sql) => insertEvent(sql, entry, clock.nowMs()));
        progress.handled(keeper, topic, partition, offset);
        await progress.flush();
      },
    };
  }

  function* waitingIn(partition: number): Generator<WaitingLetter> {
    let after = progress.handledUpTo(keeper, topic, partition);
    for (;;) {
      const from = after;
      const letters = database.read((sql) => readEvents(sql, topic, partition, from, readAtOnce));
      if (letters.length === 0) return;
      for (const letter of letters) {
        after = letter.offset;
        yield toLetter(letter);
      }
    }
  }

  return {
    async *waiting() {
      for (const [, partition] of partitionsOf([topic])) yield* waitingIn(partition);
    },
    close: () => database.close(),
  };
}
