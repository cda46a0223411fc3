import { type Clock, createLogger, uuidv7 } from '@credential-renewal/runtime';
import { describe, expect, test } from 'vitest';
import type { Notification } from '../notification.ts';
import { createMailboxTransport } from '../sending/mailbox-transport.ts';
import { createSender } from '../sending/sender.ts';
import {
  type DeliveryStores,
  everything,
  expectEachToldOnce,
  mailContext,
} from '../testing/deliveries.ts';
import { type Fault, ProcessEndedError } from '../testing/fault-windows.ts';
import { cancelledNow, makeNotification, startMs } from '../testing/fixtures.ts';
import { startReplicas, testServer } from '../testing/mongo-room.ts';
import { standingClock } from '../testing/start-room.ts';

const logger = createLogger({ service: 'test', level: 'silent' });
const senders = 50;
const people = 8;
const perPerson = 10;

function senderOf({ store, mailbox, preferences }: DeliveryStores, clock: Clock) {
  return createSender({
    ...{ store, preferences, clock, logger, random: Math.random },
    transport: createMailboxTransport({ mailbox, clock }),
    contextOf: () => mailContext,
  });
}

/** Some go out alone, most in a digest; all are due, and all are true. */
async function addNotifications({ store }: DeliveryStores): Promise<Notification[]> {
  const notifications = Array.from({ length: people * perPerson }, (_, index) => {
    const id = uuidv7(startMs + index);
    const user = `user-${index % people}`;
    return makeNotification({
      ...{ id, episodeId: `episode of ${id}`, credentialId: `credential of ${id}` },
      recipient: { userId: user, name: user, email: `${user}@example.com` },
      inDigest: index >= 2 * people,
    });
  });
  for (const notification of notifications) {
    const { credentialId, episodeId: openEpisodeId } = notification;
    await store.observeCredential(credentialId, () => ({
      ...{ credentialId, openEpisodeId, version: 1n, gone: false },
    }));
    await store.create(notification);
  }
  return notifications;
}

describe.skipIf(testServer === '')('with a MongoDB server', () => {
  test('fifty senders on two replicas that die, lose replies and are cut off by cancels tell each once, or cancel it', async () => {
    const { open, expectNoTraces } = await startReplicas();
    const clock = standingClock(startMs);
    // To it every claim of the others looks old, so it settles them in the middle of their work.
    const ahead = { nowMs: () => clock.nowMs() + 120_000 };
    const calm = open(clock);
    const notifications = await addNotifications(calm);

    const toCancel = notifications.filter(() => Math.random() < 0.3).values();
    const cancels: Promise<Notification>[] = [];
    const happened = { died: 0, lost: 0 };
    const trouble = (): Fault => {
      let ended = false;
      return async (step) => {
        if (ended) throw new ProcessEndedError();
        const chance = Math.random();
        if (chance > 0.98) {
          const next = toCancel.next();
          if (!next.done) cancels.push(calm.store.update(next.value.id, cancelledNow));
        }
        ended = chance < 0.01;
        if (chance < 0.005) throw new ProcessEndedError();
        const answer = await step();
        if (chance < 0.02) {
          happened[ended ? 'died' : 'lost']++;
          throw new ProcessEndedError();
        }
        return answer;
      };
    };
    /** A process that died is followed by another one. */
    async function sendUntilNothingIsDue(own: Clock): Promise<void> {
      for (;;) {
        try {
          await senderOf(open(own, trouble()), own)();
          return;
        } catch (error) {
          if (!(error instanceof ProcessEndedError)) throw error;
        }
      }
    }
    await Promise.all(
      Array.from({ length: senders }, (_, index) =>
        sendUntilNothingIsDue(index % 5 === 0 ? ahead : clock),
      ),
    );
    for (const { id } of toCancel) cancels.push(calm.store.update(id, cancelledNow));
    const answers = await Promise.all(cancels);

    // What the dead have left, and what was put off.
    clock.advance(24 * 3_600_000);
    expect(await senderOf(calm, clock)()).toBeUndefined();

    await expectEachToldOnce(calm, notifications);
    for (const { id, state } of answers) {
      expect((await calm.store.update(id, (now) => now)).state).toBe(state);
    }
    const mails = await calm.mailbox.list(everything);
    expect(new Set(mails.map(({ id }) => id)).size).toBe(mails.length);
    expect(happened.died).toBeGreaterThan(0);
    expect(happened.lost).toBeGreaterThan(0);
    expect(answers.filter(({ state }) => state === 'cancelled').length).toBeGreaterThan(0);
    await expectNoTraces(clock);
  }, 120_000);
});
