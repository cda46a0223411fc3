import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { CloudEvent, Topic } from './cloud-event.ts';
import type { EventLog, LoggedEvent } from './event-log.ts';
import { sampleEvent } from './sample-event.ts';

export type EventLogHarness = {
  log: EventLog;
  /** Closes the log as it is and opens it again. */
  reopen(): Promise<EventLog>;
  /** Closes it and removes everything. */
  dispose(): Promise<void>;
};

const topic: Topic = 'credential.expired';

/** What every engine must do. Delivery may take its time (a broker's rebalance), so each test waits on a condition. */
export function eventLogContract(name: string, open: () => Promise<EventLogHarness>): void {
  describe(`${name} keeps the law of the event log`, { timeout: 60_000 }, () => {
    let harness: EventLogHarness;
    let log: EventLog;

    beforeEach(async () => {
      harness = await open();
      log = harness.log;
    });
    afterEach(async () => {
      await harness.dispose();
    });

    const collect = async (group: string, into: LoggedEvent[] = []) => ({
      seen: into,
      subscription: await log.subscribe({
        group,
        topics: [topic],
        handle: async (logged) => {
          into.push(logged);
        },
      }),
    });

    test('what was published is delivered unchanged, tombstones included', async () => {
      const events = [
        sampleEvent('a', 1, {
          topic: 'credential.state',
          data: { text: 'Zürich "quoted"', n: [1] },
        }),
        sampleEvent('a', 2, { topic: 'credential.state', data: null }),
      ];
      await log.publish(events);
      const seen: LoggedEvent[] = [];
      await log.subscribe({
        group: 'readers',
        topics: ['credential.state'],
        handle: async (logged) => {
          seen.push(logged);
        },
      });
      await until(() => expect(seen.map((logged) => logged.event)).toEqual(events));
      expect(seen.every((logged) => logged.topic === 'credential.state')).toBe(true);
      expect(seen[1]?.partition).toBe(seen[0]?.partition);
      expect(Number(seen[1]?.offset)).toBeGreaterThan(Number(seen[0]?.offset));
    });

    test('an acknowledged event survives a restart', async () => {
      await log.publish([sampleEvent('a', 1), sampleEvent('b', 1)]);
      log = await harness.reopen();
      const { seen } = await collect('readers');
      await until(() => expect(subjects(seen)).toEqual(['a', 'b']));
    });

    test('events of a key keep their order, within a publish and with many publishers', async () => {
      const { seen } = await collect('readers');
      const keys = Array.from({ length: 20 }, (_, index) => `key-${index}`);
      await Promise.all(
        keys.map(async (key) => {
          for (let first = 1; first <= 28; first += 3) {
            await log.publish([0, 1, 2].map((step) => sampleEvent(key, first + step)));
          }
        }),
      );
      await until(() => expect(seen).toHaveLength(keys.length * 30));
      for (const key of keys) {
        expect(sequencesOf(seen, key)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
      }
    });

    test('publishes of one key that do not wait for each other keep the order of the calls', async () => {
      const { seen } = await collect('readers');
      await Promise.all(
        [1, 2, 3, 4, 5].map((sequence) => log.publish([sampleEvent('a', sequence)])),
      );
      await until(() => expect(sequencesOf(seen, 'a')).toEqual([1, 2, 3, 4, 5]));
    });

    test('the next event of a key comes only after the handler of the one before has resolved', async () => {
      let running = 0;
      let most = 0;
      let handled = 0;
      await log.subscribe({
        group: 'readers',
        topics: [topic],
        handle: async () => {
          most = Math.max(most, ++running);
          await new Promise((resolve) => setImmediate(resolve));
          running--;
          handled++;
        },
      });
      await log.publish(Array.from({ length: 50 }, (_, index) => sampleEvent('a', index + 1)));
      await until(() => expect(handled).toBe(50));
      expect(most).toBe(1);
    });

    test('a failed event comes again, and those behind it wait', async () => {
      const attempts: number[] = [];
      await log.subscribe({
        group: 'readers',
        topics: [topic],
        handle: async ({ event }) => {
          attempts.push(Number(event.sequence));
          if (attempts.length <= 2) throw new Error('not yet');
        },
      });
      await log.publish([sampleEvent('a', 1), sampleEvent('a', 2)]);
      await until(() => expect(attempts).toEqual([1, 1, 1, 2]));
    });

    test('an event whose handler had not succeeded comes again after a restart', async () => {
      let attempts = 0;
      const subscription = await log.subscribe({
        group: 'readers',
        topics: [topic],
        handle: async () => {
          attempts++;
          throw new Error('always');
        },
      });
      await log.publish([sampleEvent('a', 1)]);
      await until(() => expect(attempts).toBeGreaterThan(0));
      await subscription.stop();
      log = await harness.reopen();
      const { seen } = await collect('readers');
      await until(() => expect(sequencesOf(seen, 'a')).toEqual([1]));
    });

    test('what a stopped member finished is not delivered again after a restart', async () => {
      const first = await collect('readers');
      await log.publish([sampleEvent('a', 1), sampleEvent('b', 1)]);
      await until(() => expect(first.seen).toHaveLength(2));
      await first.subscription.stop();
      log = await harness.reopen();
      await log.publish([sampleEvent('a', 2), sampleEvent('b', 2)]);
      const second = await collect('readers');
      await until(() => expect(second.seen).toHaveLength(2));
      expect(second.seen.map(({ event }) => Number(event.sequence))).toEqual([2, 2]);
    });

    test('each group gets everything, and a new one begins at the start', async () => {
      const first = await collect('first');
      await log.publish([sampleEvent('a', 1)]);
      await until(() => expect(first.seen).toHaveLength(1));
      const second = await collect('second');
      await log.publish([sampleEvent('a', 2)]);
      await until(() => {
        expect(sequencesOf(first.seen, 'a')).toEqual([1, 2]);
        expect(sequencesOf(second.seen, 'a')).toEqual([1, 2]);
      });
    });

    test('two members share the work, and the one that stays takes over', async () => {
      const seen: LoggedEvent[] = [];
      const left: LoggedEvent[] = [];
      const stays = await collect('readers', seen);
      const leaves = await collect('readers', left);
      let round = 0;
      await until(async () => {
        round++;
        await log.publish(keysOfARound.map((key) => sampleEvent(key, round)));
        expect(seen.length).toBeGreaterThan(0);
        expect(left.length).toBeGreaterThan(0);
      });
      await leaves.subscription.stop();
      const leftAtStop = left.length;
      round++;
      await log.publish(keysOfARound.map((key) => sampleEvent(key, round)));
      await until(() => {
        const last = seen.filter(({ event }) => Number(event.sequence) === round);
        expect(new Set(subjects(last)).size).toBe(keysOfARound.length);
      });
      expect(left).toHaveLength(leftAtStop);
      const all = new Set([...seen, ...left].map(({ event }) => event.id));
      expect(all.size).toBe(round * keysOfARound.length);
      await stays.subscription.stop();
    });

    test('a partition changes hands only after its running handler is over', async () => {
      const gate = Promise.withResolvers<void>();
      const order: string[] = [];
      const handle = async ({ event }: LoggedEvent) => {
        const name = `${event.partitionkey} ${Number(event.sequence)}`;
        order.push(`begin ${name}`);
        if (name === 'slow 1') await gate.promise;
        order.push(`end ${name}`);
      };
      const first = await log.subscribe({ group: 'readers', topics: [topic], handle });
      await log.publish([sampleEvent('slow', 1), sampleEvent('slow', 2)]);
      await until(() => expect(order).toContain('begin slow 1'));
      await log.subscribe({ group: 'readers', topics: [topic], handle });
      const stopping = first.stop();
      await log.publish(keysOfARound.map((key) => sampleEvent(key, 1)));
      await until(() =>
        expect(order.filter((step) => step.startsWith('end')).length).toBeGreaterThan(
          keysOfARound.length / 2,
        ),
      );
      expect(order).not.toContain('begin slow 2');
      gate.resolve();
      await stopping;
      await until(() => expect(order).toContain('end slow 2'));
      const slow = order.filter((step) => step.includes('slow'));
      expect(slow.slice(0, 2)).toEqual(['begin slow 1', 'end slow 1']);
    });

    test('a slow key does not hold up other partitions', async () => {
      const gate = Promise.withResolvers<void>();
      const handled = new Set<string>();
      await log.subscribe({
        group: 'readers',
        topics: [topic],
        handle: async ({ event }) => {
          if (event.partitionkey === 'slow') await gate.promise;
          handled.add(event.partitionkey);
        },
      });
      await log.publish([
        sampleEvent('slow', 1),
        ...keysOfARound.map((key) => sampleEvent(key, 1)),
      ]);
      await until(() => expect(handled.size).toBeGreaterThan(keysOfARound.length / 2));
      expect(handled.has('slow')).toBe(false);
      gate.resolve();
      await until(() => expect(handled.size).toBe(keysOfARound.length + 1));
    });

    test('stop waits for running handlers, keeps what they finished, and delivers nothing after', async () => {
      const gate = Promise.withResolvers<void>();
      const begun: number[] = [];
      const finished: number[] = [];
      const subscription = await log.subscribe({
        group: 'readers',
        topics: [topic],
        handle: async ({ event }) => {
          begun.push(Number(event.sequence));
          await gate.promise;
          finished.push(Number(event.sequence));
        },
      });
      await log.publish([sampleEvent('a', 1), sampleEvent('a', 2)]);
      await until(() => expect(begun).toEqual([1]));
      let isStopped = false;
      const stopped = subscription.stop().then(() => {
        isStopped = true;
      });
      await log.publish([sampleEvent('b', 1)]);
      await log.lag('readers');
      expect(isStopped).toBe(false);
      gate.resolve();
      await stopped;
      expect(finished).toEqual([1]);
      log = await harness.reopen();
      const { seen } = await collect('readers');
      await until(() => expect(sequencesOf(seen, 'a')).toEqual([2]));
      expect(begun).toEqual([1]);
    });

    test('a member is told that it gets a partition before the first event of it', async () => {
      const told = new Set<string>();
      const untold: LoggedEvent[] = [];
      let handled = 0;
      await log.subscribe({
        group: 'readers',
        topics: [topic],
        handle: async (logged) => {
          handled++;
          if (!told.has(`${logged.topic} ${logged.partition}`)) untold.push(logged);
        },
        began: (ofTopic, partition) => told.add(`${ofTopic} ${partition}`),
      });
      await log.publish(keysOfARound.map((key) => sampleEvent(key, 1)));
      await until(() => expect(handled).toBe(keysOfARound.length));
      expect(untold).toEqual([]);
    });

    test('a tail from the start reads all, says once that it caught up, and goes on', async () => {
      await log.publish(keysOfARound.map((key) => sampleEvent(key, 1)));
      const seen: LoggedEvent[] = [];
      const seenWhenCaughtUp: number[] = [];
      const tail = await log.tail({
        topics: [topic],
        from: 'start',
        handle: (logged) => {
          seen.push(logged);
        },
        caughtUp: () => seenWhenCaughtUp.push(seen.length),
      });
      await until(() => expect(seenWhenCaughtUp).toHaveLength(1));
      expect(seenWhenCaughtUp[0]).toBeGreaterThanOrEqual(keysOfARound.length);
      await log.publish(keysOfARound.map((key) => sampleEvent(key, 2)));
      await until(() => expect(seen).toHaveLength(2 * keysOfARound.length));
      for (const key of keysOfARound) expect(sequencesOf(seen, key)).toEqual([1, 2]);
      expect(seenWhenCaughtUp).toHaveLength(1);
      await tail.stop();
      await log.publish([sampleEvent('a', 3)]);
      const other = await collect('readers');
      await until(() => expect(other.seen).toHaveLength(2 * keysOfARound.length + 1));
      expect(seen).toHaveLength(2 * keysOfARound.length);
    });

    test('a tail from the end gets only what comes, and each tail gets all of it', async () => {
      await log.publish([sampleEvent('a', 1)]);
      const readers = [0, 1].map(() => ({ seen: [] as LoggedEvent[], caughtUp: 0 }));
      for (const reader of readers) {
        await log.tail({
          topics: [topic],
          from: 'end',
          handle: (logged) => {
            reader.seen.push(logged);
          },
          caughtUp: () => {
            reader.caughtUp++;
          },
        });
      }
      await until(() => expect(readers.map((reader) => reader.caughtUp)).toEqual([1, 1]));
      await log.publish([sampleEvent('a', 2), sampleEvent('a', 3)]);
      await until(() => {
        for (const { seen } of readers) expect(sequencesOf(seen, 'a')).toEqual([2, 3]);
      });
    });

    test('a tail of an empty log catches up', async () => {
      const caughtUp = Promise.withResolvers<void>();
      await log.tail({
        topics: ['source.credential-state'],
        from: 'start',
        handle: () => undefined,
        caughtUp: caughtUp.resolve,
      });
      await caughtUp.promise;
    });

    test('a dead letter carries the event, its origin and the error', async () => {
      const { seen } = await collect('readers');
      await log.publish([sampleEvent('a', 1)]);
      await until(() => expect(seen).toHaveLength(1));
      const [logged] = seen as [LoggedEvent];
      await log.publishDeadLetter({ group: 'readers', logged, error: 'EVENT_UNREADABLE' });
      const letters: LoggedEvent[] = [];
      await log.tail({
        topics: ['readers.dlq'],
        from: 'start',
        handle: (letter) => {
          letters.push(letter);
        },
      });
      await until(() => expect(letters).toHaveLength(1));
      expect(letters[0]).toMatchObject({
        topic: 'readers.dlq',
        event: logged.event,
        deadLetter: {
          group: 'readers',
          topic,
          partition: logged.partition,
          offset: logged.offset,
          error: 'EVENT_UNREADABLE',
        },
      });
    });

    test('a topic nobody declared is refused', async () => {
      const unknown = { code: 'TOPIC_UNKNOWN' };
      const foreign = { ...sampleEvent('a', 1), type: 'credential.sold' } as unknown as CloudEvent;
      const handle = async () => undefined;
      await expect(log.publish([sampleEvent('a', 1), foreign])).rejects.toMatchObject(unknown);
      await expect(
        log.subscribe({ group: 'readers', topics: ['credential.sold'], handle }),
      ).rejects.toMatchObject(unknown);
      await expect(
        log.tail({ topics: ['credential.sold'], from: 'start', handle }),
      ).rejects.toMatchObject(unknown);
      const { seen } = await collect('readers');
      await log.publish([sampleEvent('a', 2)]);
      await until(() => expect(sequencesOf(seen, 'a')).toEqual([2]));
    });

    test('the lag of a group is what it has not handled yet', async () => {
      const gate = Promise.withResolvers<void>();
      await log.subscribe({
        group: 'readers',
        topics: [topic],
        handle: async ({ event }) => {
          if (Number(event.sequence) > 1) await gate.promise;
        },
      });
      await log.publish([sampleEvent('a', 1), sampleEvent('a', 2), sampleEvent('a', 3)]);
      await until(async () => expect(await log.lag('readers')).toEqual({ [topic]: 2 }));
      gate.resolve();
      await until(async () => expect(await log.lag('readers')).toEqual({ [topic]: 0 }));
    });

    test('a log in order has no problem', () => {
      expect(log.problem()).toBeUndefined();
    });
  });
}

const keysOfARound = Array.from({ length: 40 }, (_, index) => `credential-${index}`);

function subjects(logged: readonly LoggedEvent[]): string[] {
  return logged.map(({ event }) => event.subject).sort();
}

function sequencesOf(logged: readonly LoggedEvent[], key: string): number[] {
  return logged
    .filter(({ event }) => event.partitionkey === key)
    .map(({ event }) => Number(event.sequence));
}

function until(holds: () => void | Promise<void>): Promise<void> {
  return vi.waitFor(holds, { timeout: 45_000, interval: 5 });
}
