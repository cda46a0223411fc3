import { describe, expect, test } from 'vitest';
import type { Notification } from '../notification.ts';
import {
  addDigest,
  type DeliveryStores,
  deliver,
  deliverAll,
  everything,
  expectEachToldOnce,
  type Parts,
} from '../testing/deliveries.ts';
import { everyHow, faultAt, inEachWindow } from '../testing/fault-windows.ts';
import { cancelledNow, firstDue, startMs } from '../testing/fixtures.ts';
import { startReplicas, testServer } from '../testing/mongo-room.ts';
import { standingClock } from '../testing/start-room.ts';

/** The age from which others may settle a claim. */
const oldMs = 61_000;
/** Of `addMail` with two parts on a new store: both are claimed, and the mail is not out. */
const beforeCommit = 7;

async function start() {
  const { open, expectNoTraces } = await startReplicas();
  const clock = standingClock(startMs);
  return { clock, open, other: open(clock), expectNoTraces: () => expectNoTraces(clock) };
}

describe.skipIf(testServer === '')('with a MongoDB server', { timeout: 60_000 }, () => {
  test('a sender that ends or sleeps in any window neither loses nor doubles a mail that another sends meanwhile', async () => {
    const { clock, open, other, expectNoTraces } = await start();
    const all: Notification[] = [];
    const windows = await inEachWindow(everyHow, async (window) => {
      const fault = faultAt(window);
      const parts = await addDigest(other);
      all.push(...parts);
      const sending = deliver(open(clock, fault.fault), parts).catch(() => 'unknown');
      await Promise.race([sending, fault.met]);
      clock.advance(oldMs);
      await deliverAll(other);
      await expectEachToldOnce(other, parts);
      await fault.release();
      await sending;
      clock.advance(oldMs);
      await deliverAll(other);
      return { reached: fault.reached() };
    });
    expect(windows).toBeGreaterThan(everyHow.length * beforeCommit);
    await expectEachToldOnce(other, all);
    expect((await other.mailbox.list(everything)).length).toBeGreaterThanOrEqual(windows);
    await expectNoTraces();
  });

  test('a cancel and the mail do not both win, in whatever window the sender ends or sleeps', async () => {
    const { clock, open, other, expectNoTraces } = await start();
    const outcomes = new Set<string>();
    await inEachWindow(everyHow, async (window) => {
      const fault = faultAt(window);
      const parts = await addDigest(other);
      const [, second] = parts;
      const sending = deliver(open(clock, fault.fault), parts).catch(() => 'unknown');
      await Promise.race([sending, fault.met]);
      // At once: a cancel waits for no claim to get old.
      const { state } = await other.store.update(second.id, cancelledNow);
      await fault.release();
      if ((await sending) === true) expect(state).toBe('sent');
      clock.advance(oldMs);
      await deliverAll(other);
      await expectEachToldOnce(other, parts);
      expect((await other.store.update(second.id, (now) => now)).state).toBe(state);
      if (fault.reached()) outcomes.add(state);
      return { reached: fault.reached() };
    });
    expect(outcomes).toEqual(new Set(['sent', 'cancelled']));
    await expectNoTraces();
  });

  test.each([
    [
      'a cancel',
      ({ store }: DeliveryStores, [first]: Parts) => store.update(first.id, cancelledNow),
    ],
    ['another sender', deliver],
  ])(
    'what a dead sender left is settled though %s dies at it in any window too',
    async (_who, act) => {
      const { clock, open, other, expectNoTraces } = await start();
      const all: Notification[] = [];
      // For the database, to end before a step is to end after the one before.
      await inEachWindow(['ends after'], async (firstWindow) => {
        let reached = false;
        await inEachWindow(['ends after'], async (secondWindow) => {
          const parts = await addDigest(other);
          all.push(...parts);
          const first = faultAt(firstWindow);
          await deliver(open(clock, first.fault), parts).catch(() => undefined);
          reached = first.reached();
          clock.advance(oldMs);
          const second = faultAt(secondWindow);
          await act(open(clock, second.fault), parts).catch(() => undefined);
          clock.advance(oldMs);
          await deliverAll(other);
          return { reached: second.reached() };
        });
        return { reached };
      });
      await expectEachToldOnce(other, all);
      await expectNoTraces();
    },
  );

  test('a cancel that sleeps in any window does not win over what a sender, asleep in any window, has begun meanwhile', async () => {
    const { clock, open, other, expectNoTraces } = await start();
    await inEachWindow(['sleeps before'], async (cancelWindow) => {
      let reached = false;
      await inEachWindow(['sleeps before'], async (sendWindow) => {
        const parts = await addDigest(other);
        const [cancels, sends] = [faultAt(cancelWindow), faultAt(sendWindow)];
        const cancelling = open(clock, cancels.fault).store.update(parts[1].id, cancelledNow);
        await Promise.race([cancelling, cancels.met]);
        const sending = deliver(open(clock, sends.fault), parts);
        await Promise.race([sending, sends.met]);
        await cancels.release();
        const { state } = await cancelling;
        await sends.release();
        expect(await sending).toBe(state === 'sent');
        await deliverAll(other);
        await expectEachToldOnce(other, parts);
        reached = cancels.reached();
        return { reached: sends.reached() };
      });
      return { reached };
    });
    await expectNoTraces();
  });

  test('what another sender holds is not offered until its claim is old', async () => {
    const { clock, open, other } = await start();
    const parts = await addDigest(other);
    const asleep = faultAt({ at: beforeCommit, how: 'sleeps before' });
    const sending = deliver(open(clock, asleep.fault), parts);
    await asleep.met;
    const offered = async () => [
      await firstDue(other.store),
      ...(await other.store.listDueDigest({ userId: 'user-ann', of: 'expired' }, startMs)),
    ];
    expect(await offered()).toEqual([undefined]);
    expect(await deliver(other, parts)).toBe(false);
    clock.advance(oldMs);
    expect(await offered()).toEqual([parts[0], ...parts]);
    await asleep.release();
    expect(await sending).toBe(true);
  });

  test('a claim from a clock that ran far ahead holds nobody up for ever', async () => {
    const { open, other } = await start();
    const parts = await addDigest(other);
    const ended = faultAt({ at: beforeCommit, how: 'ends before' });
    const ahead = standingClock(startMs + 24 * 3_600_000);
    await expect(deliver(open(ahead, ended.fault), parts)).rejects.toThrow();
    await deliverAll(other);
    expect(await other.mailbox.get(parts[0].id)).toBeDefined();
  });

  test('what is not out yet is in no list and under no id', async () => {
    const { clock, open, other } = await start();
    const parts = await addDigest(other);
    const ended = faultAt({ at: beforeCommit, how: 'ends before' });
    await expect(deliver(open(clock, ended.fault), parts)).rejects.toThrow();
    expect(await other.mailbox.get(parts[0].id)).toBeUndefined();
    for (const to of [undefined, 'ann@example.com']) {
      expect(await other.mailbox.list({ ...everything, to })).toEqual([]);
    }
  });
});
