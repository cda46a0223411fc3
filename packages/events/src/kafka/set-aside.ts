import type { Logger } from '@credential-renewal/runtime';
import { describeError } from '../describe-error.ts';
import { MessageUnreadableError } from '../errors.ts';
import type { EventLog, LoggedEvent } from '../event-log.ts';
import { deadLetterTopic } from '../topic-partition.ts';
import { readDeadLetter, writeDeadLetter, writeRawDeadLetter } from './dead-letter-message.ts';
import { readMessage } from './kafka-message.ts';
import type { PlacedMessage } from './partition-lane.ts';
import type { Publisher } from './publisher.ts';
import type { TopicNames } from './topic-names.ts';

/** Throws MessageUnreadableError. */
function readLogged(names: TopicNames, placed: PlacedMessage): LoggedEvent {
  const { partition, offset, message } = placed;
  const place = { topic: names.ours(placed.topic), partition, offset };
  const event = readMessage(place, message);
  const deadLetter = place.topic.endsWith('.dlq') ? readDeadLetter(message) : undefined;
  return { ...place, event, ...(deadLetter ? { deadLetter } : {}) };
}

type Handle = (placed: PlacedMessage) => Promise<void>;

export type SetAside = {
  publishDeadLetter: EventLog['publishDeadLetter'];
  /** For a group: sets a message aside that is no event, and has `handle` do with the others. */
  elseHandle(group: string, handle: (logged: LoggedEvent) => Promise<void>): Handle;
  /** For a tail, which has no dead letters: passes over what is no event. */
  elseSkip(handle: (logged: LoggedEvent) => Promise<void> | void): Handle;
};

/** What cannot be handled, on its way to the dead letters of its group. */
export function createSetAside(options: {
  publisher: Publisher;
  names: TopicNames;
  counted: (group: string) => void;
  logger: Logger;
}): SetAside {
  const { publisher, names, counted, logger } = options;

  function tryRead(placed: PlacedMessage): LoggedEvent | MessageUnreadableError {
    try {
      return readLogged(names, placed);
    } catch (error) {
      if (error instanceof MessageUnreadableError) return error;
      throw error;
    }
  }

  async function setAside(group: string, placed: PlacedMessage, error: MessageUnreadableError) {
    const { partition, offset } = placed;
    const origin = { group, topic: names.ours(placed.topic), partition, offset };
    const message = writeRawDeadLetter(placed.message, { ...origin, error: describeError(error) });
    await publisher.publish([{ topic: names.topic(deadLetterTopic(group)), message }]);
    counted(group);
    logger.error(
      { err: error, ...origin, offset: String(offset) },
      'a message is no event of ours and was set aside as a dead letter',
    );
  }

  return {
    async publishDeadLetter({ group, logged, error }) {
      const { topic, partition, offset, event } = logged;
      const message = writeDeadLetter(event, { group, topic, partition, offset, error });
      await publisher.publish([{ topic: names.topic(deadLetterTopic(group)), message }]);
      counted(group);
    },
    elseHandle: (group, handle) => async (placed) => {
      const read = tryRead(placed);
      if (read instanceof MessageUnreadableError) await setAside(group, placed, read);
      else await handle(read);
    },
    elseSkip: (handle) => async (placed) => {
      const read = tryRead(placed);
      if (read instanceof MessageUnreadableError) {
        logger.error({ err: read }, 'a message is no event of ours and is passed over');
      } else await handle(read);
    },
  };
}
