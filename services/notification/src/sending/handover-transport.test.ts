import { createLogger } from '@credential-renewal/runtime';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { openNotificationStores } from '../store/open-notification-stores.ts';
import { createFakeHandover, unanswered } from '../testing/fake-handover.ts';
import { makeNotification, startMs } from '../testing/fixtures.ts';
import { makeMail } from '../testing/make-mail.ts';
import { standingClock } from '../testing/start-room.ts';
import { createHandoverTransport } from './handover-transport.ts';

const times = { timeoutMs: 60_000, replyTimeoutMs: 600_000, reportWaitMs: 600_000 };

// Only these: the store does not use them, and what is waited for here is minutes.
beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

/** A mail on its way by a transport that waits for `answer` until it is given up. */
async function startDelivery() {
  const logger = createLogger({ service: 'test', level: 'silent' });
  const deps = { clock: standingClock(startMs), logger };
  const stores = await openNotificationStores({ engine: 'sqlite', path: ':memory:' }, deps);
  onTestFinished(() => stores.close());
  const { notifications: store } = stores;
  const part = makeNotification();
  await store.create(part);
  const answer = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<() => void>();
  const transport = createHandoverTransport({
    ...{ store, ...deps, ...times },
    handover: {
      ...createFakeHandover().handover,
      handOver(_mail, signal, onOut = () => undefined) {
        signal.addEventListener('abort', () => answer.reject(unanswered));
        begun.resolve(onOut);
        return answer.promise;
      },
    },
  });
  const delivered = transport.deliver(makeMail(), [part]);
  const isOut = await begun.promise;
  return { delivered, isOut, answer: answer.resolve };
}

test('before the whole mail is out, it has the time of the handing over and no more', async () => {
  const { delivered } = await startDelivery();
  vi.advanceTimersByTime(times.timeoutMs);
  await expect(delivered).rejects.toBe(unanswered);
});

test('an answer to the whole mail has its own time, as long as RFC 5321 asks for', async () => {
  const { delivered, isOut, answer } = await startDelivery();
  vi.advanceTimersByTime(times.timeoutMs - 1);
  isOut();
  vi.advanceTimersByTime(times.replyTimeoutMs - 1);
  answer();
  expect(await delivered).toBe('sent');
});

test('an answer that does not come in its time is given up', async () => {
  const { delivered, isOut } = await startDelivery();
  isOut();
  vi.advanceTimersByTime(times.replyTimeoutMs);
  await expect(delivered).rejects.toBe(unanswered);
});
