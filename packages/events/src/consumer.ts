import {
  backoffMs,
  type Clock,
  DomainError,
  type Logger,
  runInSpan,
  systemClock,
} from '@credential-renewal/runtime';
import type { Registry } from 'prom-client';
import { createConsumerCounters } from './consumer-counters.ts';
import { describeError } from './describe-error.ts';
import { EventUnreadableError } from './errors.ts';
import type { EventLog, LoggedEvent, Subscription } from './event-log.ts';
import type { Inbox } from './inbox.ts';
import { pause } from './pause.ts';
import { createSequenceCheck } from './sequence-check.ts';
import { replayTopic } from './topic-partition.ts';

/**
 * What a handler's failure means. `transient`: it will pass, the event is tried again for as long as it takes. `unreadable`: no
 * attempt can ever succeed. `failed`: perhaps a bug; a few more attempts.
 */
export type HandlerFailure = 'transient' | 'unreadable' | 'failed';

const attemptsBeforeSettingAside = 5;
const retryDelays = { baseMs: 100, maxMs: 30_000 };

export function classifyHandlerError(error: unknown): HandlerFailure {
  if (error instanceof EventUnreadableError) return 'unreadable';
  if (!(error instanceof DomainError)) return 'failed';
  switch (error.kind) {
    case 'unavailable':
    case 'deadline_exceeded':
    case 'aborted':
    case 'resource_exhausted':
      return 'transient';
    case 'invalid_argument':
    case 'not_found':
    case 'permission_denied':
    case 'already_exists':
    case 'failed_precondition':
    case 'unauthenticated':
    case 'internal':
      return 'failed';
    default:
      return error.kind satisfies never;
  }
}

/**
 * Joins `group` and hands it each event, in the event's trace, and what an operator has replayed of its dead letters. Nothing is dropped: what
 * cannot be handled goes to `<group>.dlq` with its origin and the error. What the inbox knows is not handled again. While an event is retried, those after it in its partition wait.
 */
export async function createConsumer(options: {
  eventLog: EventLog;
  group: string;
  topics: readonly string[];
  logger: Logger;
  handle: (logged: LoggedEvent) => Promise<void>;
  classify?: (error: unknown) => HandlerFailure;
  /** For the jitter; uniform in [0, 1). */
  random?: () => number;
  retry?: { baseMs: number; maxMs: number };
  /** What the group has handled; without it every delivery reaches the handler. */
  inbox?: Inbox;
  /** Where duplicates, and gaps in the sequence of a key, are counted. */
  metrics?: Registry;
  clock?: Clock;
}): Promise<Subscription> {
  const { eventLog, group, logger, classify = classifyHandlerError } = options;
  const { inbox, metrics, clock = systemClock } = options;
  const { random = Math.random, retry = retryDelays } = options;
  const stopping = new AbortController();
  const counters = createConsumerCounters(group, metrics);
  const sequences = createSequenceCheck({
    ...{ group, clock, logger, counted: counters.sequenceGap },
  });

  async function handleOnce(logged: LoggedEvent): Promise<void> {
    const { id } = logged.event;
    if (await inbox?.has(id)) return counters.duplicate(logged.topic);
    await options.handle(logged);
    await inbox?.add(id);
  }

  async function handle(logged: LoggedEvent): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const startedMs = performance.now();
      const ended = (outcome: 'done' | HandlerFailure) =>
        counters.handled(logged.topic, performance.now() - startedMs, outcome);
      try {
        await handleOnce(logged);
        return ended('done');
      } catch (error) {
        const failure = classify(error);
        ended(failure);
        const isFinal =
          failure === 'unreadable' ||
          (failure === 'failed' && attempt >= attemptsBeforeSettingAside);
        if (isFinal) return await setAside(logged, error, attempt);
        // Not committed: another member, or the next start, gets it again.
        if (stopping.signal.aborted) throw error;
        report(logged, error, attempt);
        await pause(backoffMs(attempt, { ...retry, random }), stopping.signal);
        if (stopping.signal.aborted) throw error;
      }
    }
  }

  async function setAside(logged: LoggedEvent, error: unknown, attempts: number): Promise<void> {
    await eventLog.publishDeadLetter({ group, logged, error: describeError(error) });
    logger.error(
      { err: error, group, ...placeOf(logged), attempts },
      'an event could not be handled and was set aside as a dead letter',
    );
  }

  function report(logged: LoggedEvent, err: unknown, attempt: number): void {
    logger.warn(
      { err, group, ...placeOf(logged), attempt },
      'an event could not be handled yet; it is tried again',
    );
  }

  const subscription = await eventLog.subscribe({
    group,
    topics: [...options.topics, replayTopic(group)],
    handle: (logged) =>
      runInSpan(
        handlingOf(group, logged),
        () => {
          sequences.look(logged);
          return handle(logged);
        },
        logged.event,
      ),
    began: sequences.forget,
  });
  return {
    async stop() {
      stopping.abort();
      await subscription.stop();
    },
  };
}

function handlingOf(group: string, { topic }: LoggedEvent): Parameters<typeof runInSpan>[0] {
  const attributes = {
    ...{ 'messaging.destination.name': topic, 'messaging.consumer.group.name': group },
    'messaging.operation.type': 'process',
  };
  return { name: `process ${topic}`, kind: 'consumer', attributes };
}

function placeOf({ topic, partition, offset, event }: LoggedEvent) {
  return { topic, partition, offset: String(offset), event_id: event.id };
}
