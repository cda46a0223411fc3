import { DomainError } from '@credential-renewal/runtime';

/** A topic that nobody declared; see `topics` in cloud-event.ts. */
export class TopicUnknownError extends DomainError {
  constructor(topic: string) {
    super('invalid_argument', 'TOPIC_UNKNOWN', `there is no topic "${topic}"`);
  }
}

/** The data of an event is not what its schema says, or of a version this release does not know. Trying again is futile. */
export class EventUnreadableError extends DomainError {
  constructor(message: string, cause?: unknown) {
    super('invalid_argument', 'EVENT_UNREADABLE', message, { cause });
  }
}

/** Another process has the embedded event log. */
export class EventLogInUseError extends DomainError {
  constructor(directory: string) {
    super(
      'unavailable',
      'EVENT_LOG_IN_USE',
      `The event log in ${directory} is in use by another process. embedded: serves one process; separate processes need kafka:.`,
    );
  }
}

/** `EVENT_LOG_URL` names an engine that does not exist here. */
export class EventLogUnsupportedError extends DomainError {
  constructor(scheme: string) {
    super(
      'invalid_argument',
      'EVENT_LOG_UNSUPPORTED',
      `EVENT_LOG_URL begins with ${scheme}, but the event logs of this release are: embedded:<directory>`,
    );
  }
}

/** A message on a topic of ours that is no event of ours: foreign, or broken. Trying again is futile. */
export class MessageUnreadableError extends DomainError {
  constructor(
    place: { topic: string; partition: number; offset: bigint },
    problem: string,
    cause?: unknown,
  ) {
    super(
      'invalid_argument',
      'MESSAGE_UNREADABLE',
      `The message at offset ${place.offset} of ${place.topic}, partition ${place.partition}, is no event of ours: ${problem}`,
      { cause },
    );
  }
}
