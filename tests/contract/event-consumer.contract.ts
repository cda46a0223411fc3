import type { CloudEvent, EventLog, Subscription } from '@credential-renewal/events';
import {
  CredentialRenewed_Cause as Cause,
  CredentialStatus as Status,
} from '@credential-renewal/proto/events/v1/credential';
import { uuidv7 } from '@credential-renewal/runtime';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { until } from '../system/until.ts';
import { findEventProblems } from './event-validator.ts';
import { interleavings } from './interleavings.ts';
import {
  createCarelessConsumer,
  createEpisodeConsumer,
  createSnapshotConsumer,
  type ReferenceConsumer,
} from './reference-consumer.ts';
import { sourceEvent, tellOfCredential } from './story-events.ts';

export type EventConsumerHarness = {
  log: EventLog;
  /** Where the engine can be made to: lets it compact all that is there, and answers with the log to go on with. */
  compact?(): Promise<EventLog>;
  dispose(): Promise<void>;
};

const topic = 'source.credential-state';
/** A broker's rebalance takes its time. */
const eventually = <T>(check: () => T | Promise<T>) => until(check, 45_000);
const newId = () => uuidv7(Date.now());

/** What docs/event-consumer.md promises to those who follow it. The log may hold what others have published. */
export function eventConsumerContract(name: string, open: () => Promise<EventConsumerHarness>) {
  describe(`consumers of ${name}`, { timeout: 60_000 }, () => {
    let harness: EventConsumerHarness;
    let log: EventLog;
    beforeEach(async () => {
      harness = await open();
      log = harness.log;
    });
    afterEach(() => harness.dispose());

    /** A newcomer that has read all there is. */
    async function read(
      consumer: ReferenceConsumer,
      records: CloudEvent[] = [],
    ): Promise<Subscription> {
      const { promise: caughtUp, resolve } = Promise.withResolvers<void>();
      const tail = await log.tail({
        topics: [topic],
        from: 'start',
        handle({ event }) {
          records.push(event);
          consumer.apply(event);
        },
        caughtUp: resolve,
      });
      await caughtUp;
      return tail;
    }

    test('a newcomer that reads the compacted topic from the start has the present truth and needs no call', async () => {
      const sources = Array.from({ length: 12 }, newId);
      const isGone = (index: number) => index % 3 === 0;
      const statuses = [Status.UNSPECIFIED, Status.HEALTHY, Status.EXPIRED, Status.HEALTHY];
      for (const [version, status] of statuses.entries()) {
        await publish(sources.map((id) => sourceEvent(id, version + 1, status)));
      }
      const gone = sources.filter((_, index) => isGone(index));
      await publish(gone.map((id) => sourceEvent(id, statuses.length + 1, null)));
      const living = sources.filter((_, index) => !isGone(index));
      const present = living.map((id) => [id, sourceEvent(id, 4, Status.HEALTHY).data]);

      const newcomer = createSnapshotConsumer();
      await (await read(newcomer)).stop();
      expect(pick(newcomer.truth(), sources)).toEqual(Object.fromEntries(present));

      if (harness.compact) {
        log = await harness.compact();
        await eventually(async () => {
          const records: CloudEvent[] = [];
          await (await read(createSnapshotConsumer(), records)).stop();
          // Of each key the last record, and of those that are gone none.
          expect(records.filter(({ subject }) => sources.includes(subject))).toHaveLength(
            living.length,
          );
        });
      }
      const later = createSnapshotConsumer();
      const tail = await read(later);
      expect(pick(later.truth(), sources)).toEqual(Object.fromEntries(present));

      const [first = '', second = ''] = living;
      await publish([sourceEvent(first, 5, Status.EXPIRED), sourceEvent(second, 5, null)]);
      await eventually(() => {
        expect(later.truth()[first]).toMatchObject({ status: 'CREDENTIAL_STATUS_EXPIRED' });
        expect(later.truth()).not.toHaveProperty(second);
      });
      await tail.stop();
    });

    test('whatever order three topics arrive in, and however often, versions lead to the same end', async () => {
      const consumer = createEpisodeConsumer();
      const careless = createCarelessConsumer();
      const orders = everyOrder();
      const expected = Object.fromEntries(orders.map(({ id, end }) => [id, end]));
      /** How often each event has come. */
      const arrived = new Map<string, number>();
      const subscription = await log.subscribe({
        // One that has dead letters: the log in Kafka knows no other.
        group: 'notification',
        topics: ['credential.state', 'credential.expired', 'credential.renewed'],
        handle: async ({ event }) => {
          if (expected[event.subject] === undefined) return;
          consumer.apply(event);
          careless.apply(event);
          arrived.set(event.id, (arrived.get(event.id) ?? 0) + 1);
        },
      });
      const haveCome = (events: readonly CloudEvent[], times: number) => () =>
        expect(events.filter(({ id }) => (arrived.get(id) ?? 0) < times)).toHaveLength(0);

      // A step of every order at a time, and the next one only when all have come: so each comes in its order.
      const steps = Math.max(...orders.map(({ events }) => events.length));
      for (let step = 0; step < steps; step++) {
        const events = orders.flatMap((order) => order.events.slice(step, step + 1));
        await publish(events);
        await eventually(haveCome(events, 1));
      }
      expect(consumer.truth()).toEqual(expected);
      // Otherwise nothing would have been put to the test.
      expect(careless.truth()).not.toEqual(expected);

      const all = orders.flatMap(({ events }) => events);
      await publish(all);
      await eventually(haveCome(all, 2));
      expect(consumer.truth()).toEqual(expected);
      await subscription.stop();
    });

    async function publish(events: readonly CloudEvent[]): Promise<void> {
      expect(events.flatMap(findEventProblems)).toEqual([]);
      await log.publish(events);
    }
  });
}

/** Every order in which the topics' events can arrive that keeps the order within each topic: a credential of its own for each. */
function everyOrder(): { id: string; events: CloudEvent[]; end: string }[] {
  return [twice, renewed, disconnected].flatMap((tell) => {
    const { length } = interleavings(tell(newId()).topics);
    return Array.from({ length }, (_, index) => {
      const id = newId();
      const { topics, end } = tell(id);
      return { id, events: interleavings(topics)[index] ?? [], end };
    });
  });
}

type Told = { topics: CloudEvent[][]; end: string };

/** Dies, is renewed, and dies again. */
function twice(id: string): Told {
  const story = tellOfCredential(id);
  const states = [story.state(Status.HEALTHY), story.state(Status.EXPIRED, 'first')];
  const expired = [story.expired()];
  states.push(story.state(Status.HEALTHY));
  const ended = [story.renewed(Cause.RENEWED)];
  states.push(story.state(Status.EXPIRED, 'second'));
  expired.push(story.expired());
  return { topics: [states, expired, ended], end: 'second' };
}

/** Dies and is renewed. */
function renewed(id: string): Told {
  const story = tellOfCredential(id);
  const states = [story.state(Status.HEALTHY), story.state(Status.EXPIRED, 'only')];
  const expired = [story.expired()];
  states.push(story.state(Status.HEALTHY));
  return { topics: [states, expired, [story.renewed(Cause.RENEWED)]], end: 'none' };
}

/** Dies, is disconnected, and is gone. */
function disconnected(id: string): Told {
  const story = tellOfCredential(id);
  const states = [story.state(Status.HEALTHY), story.state(Status.EXPIRED, 'only')];
  const expired = [story.expired()];
  states.push(story.state(Status.REVOKING));
  const ended = [story.renewed(Cause.DISCONNECTED)];
  states.push(story.gone());
  return { topics: [states, expired, ended], end: 'none' };
}

function pick(truth: Record<string, unknown>, keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(truth).filter(([key]) => keys.includes(key)));
}
