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

/** No broker could be reached, or none did what was asked, in time. It will pass. */
export class EventLogUnavailableError extends DomainError {
  constructor(detail: string, cause?: unknown) {
    super('unavailable', 'EVENT_LOG_UNAVAILABLE', `The event log cannot be used: ${detail}`, {
      cause,
    });
  }
}

/** The brokers know another password, another user, or another mechanism. */
export class EventLogCredentialsRefusedError extends DomainError {
  constructor(detail: string, cause?: unknown) {
    super(
      'unauthenticated',
      'EVENT_LOG_CREDENTIALS_REFUSED',
      `The Kafka brokers refuse what KAFKA_USERNAME, KAFKA_PASSWORD_FILE and KAFKA_SASL_MECHANISM say: ${detail}`,
      { cause },
    );
  }
}

/** The user may not do that; an access control list of the brokers says so. */
export class EventLogAccessRefusedError extends DomainError {
  constructor(detail: string, cause?: unknown) {
    super(
      'permission_denied',
      'EVENT_LOG_ACCESS_REFUSED',
      `The Kafka brokers do not let KAFKA_USERNAME do this: ${detail}`,
      { cause },
    );
  }
}

/** TLS with the brokers fails on a certificate. */
export class EventLogCertificateRefusedError extends DomainError {
  constructor(detail: string, cause?: unknown) {
    super(
      'failed_precondition',
      'EVENT_LOG_CERTIFICATE_REFUSED',
      `TLS with the Kafka brokers fails; KAFKA_CA_FILE names whom to trust, KAFKA_CERTIFICATE_FILE and KAFKA_KEY_FILE who we are: ${detail}`,
      { cause },
    );
  }
}

/** Topics that are missing, or have other settings than ours. */
export class TopicsUnfitError extends DomainError {
  constructor(
    differences: readonly { topic: string; setting: string; found: string; expected: string }[],
  ) {
    const lines = differences.map(
      ({ topic, setting, found, expected }) =>
        `  ${topic}: ${setting} is ${found}, expected is ${expected}`,
    );
    super(
      'failed_precondition',
      'TOPICS_UNFIT',
      `The topics of EVENT_LOG_URL are not as they must be:\n${lines.join('\n')}\nnode packages/events/src/create-topics.main.ts creates what is missing, and with --alter changes settings (never the number of partitions).`,
    );
  }
}

/** There are fewer brokers than a topic is to have replicas. */
export class TooFewBrokersError extends DomainError {
  constructor(replicationFactor: number) {
    super(
      'failed_precondition',
      'TOO_FEW_BROKERS',
      `There are fewer than ${replicationFactor} brokers; --replication-factor says how many replicas a new topic gets, 1 is for development only.`,
    );
  }
}
