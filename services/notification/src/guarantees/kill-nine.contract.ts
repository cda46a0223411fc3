import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createLogger, systemClock, uuidv7 } from '@credential-renewal/runtime';
import type { StoreSettings } from '@credential-renewal/storage';
import { expect, onTestFinished, test } from 'vitest';
import type { Notification } from '../notification.ts';
import type { Mail } from '../sending/mail.ts';
import { openNotificationStores } from '../store/open-notification-stores.ts';
import { makeNotification } from '../testing/fixtures.ts';
import type { SenderProcessOptions } from '../testing/sender-process.ts';
import type { DeliveryReport } from '../transports/delivery-report.ts';

const alone = 60;
const people = 5;
const perDigest = 4;
const concurrency = 4;
const kills = 5;
const hourMs = 3_600_000;
const deps = { clock: systemClock, logger: createLogger({ service: 'test', level: 'silent' }) };

/** A mail server in this process, which answers after a while, so that a sender is mostly ended in the middle of something. */
async function startMailServer() {
  const taken: Mail[] = [];
  const server = createServer(async (request, response) => {
    if (request.method === 'GET') {
      response.end(JSON.stringify(taken.map(deliveredReport)));
      return;
    }
    let body = '';
    for await (const chunk of request) body += chunk;
    taken.push(JSON.parse(body) as Mail);
    setTimeout(() => response.end(), Math.random() * 100);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { taken, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
}

function deliveredReport({ id }: Mail): DeliveryReport {
  return { reportId: `delivered ${id}`, mailId: id, kind: 'delivered', atMs: 1, text: '' };
}

/** Many alone, and some digests; all due, and all true. */
async function fill(store: StoreSettings): Promise<Notification[]> {
  const stores = await openNotificationStores(store, deps);
  const nowMs = systemClock.nowMs();
  const notifications = Array.from({ length: alone + people * perDigest }, (_, index) => {
    const id = uuidv7(nowMs + index);
    const inDigest = index >= alone;
    const user = inDigest ? `reader-${index % people}` : `user-${index}`;
    return makeNotification({
      ...{ id, episodeId: `episode of ${id}`, credentialId: `credential of ${id}`, inDigest },
      recipient: { userId: user, name: user, email: `${user}@example.com` },
      ...{ createdAtMs: nowMs, dueAtMs: nowMs },
    });
  });
  for (const notification of notifications) {
    const { credentialId, episodeId: openEpisodeId } = notification;
    await stores.notifications.observeCredential(credentialId, () => ({
      ...{ credentialId, openEpisodeId, version: 1n, gone: false },
    }));
    await stores.notifications.create(notification);
  }
  await stores.close();
  return notifications;
}

/** True: it was through; false: it was ended in the middle. */
async function runSender(
  options: SenderProcessOptions,
  killAfterMs: number | undefined,
): Promise<boolean> {
  const program = new URL('../testing/sender-process.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [program, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = once(child, 'exit');
  await Promise.race([once(child.stdout, 'data'), ended]);
  if (killAfterMs !== undefined) setTimeout(() => child.kill('SIGKILL'), killAfterMs);
  const [code] = await ended;
  if (code !== 0 && killAfterMs === undefined) throw new Error(`the sender ended with ${code}`);
  return code === 0;
}

/** What kill -9 at any moment may cost a mail that is handed to another machine, on any engine. */
export function killNineContract(makeStore: () => Promise<StoreSettings>): void {
  test.each([
    ['that reports', true],
    ['that does not', false],
  ])(
    'a sender that is ended again and again with kill -9 loses no mail, with a transport %s',
    async (_, reports) => {
      const store = await makeStore();
      const notifications = await fill(store);
      const { taken, url } = await startMailServer();
      let killed = 0;
      let laterMs = hourMs;
      const run = (killAfterMs?: number) => {
        laterMs += hourMs;
        return runSender({ store, serverUrl: url, reports, concurrency, laterMs }, killAfterMs);
      };
      while (killed < kills && !(await run(Math.random() * 250))) killed++;
      await run();
      // What the last one that was ended has left is old by now.
      await run();
      expect(killed).toBeGreaterThan(0);

      const told = new Map<string, Set<string>>();
      for (const { id, episodeIds } of taken) {
        for (const episode of episodeIds)
          told.set(episode, (told.get(episode) ?? new Set()).add(id));
      }
      for (const { episodeId } of notifications) {
        // In one mail, however often that was sent.
        expect(told.get(episodeId)?.size, episodeId).toBe(1);
      }
      const doubled = taken.length - new Set(taken.map(({ messageId }) => messageId)).size;
      if (reports) expect(doubled).toBe(0);
      else expect(doubled).toBeLessThanOrEqual(killed * concurrency);
      const { notifications: after, close } = await openNotificationStores(store, deps);
      const counts = await after.count();
      await close();
      const out = counts.filter(({ state }) => state === 'sent' || state === 'delivered');
      expect(out.reduce((sum, { count }) => sum + count, 0)).toBe(notifications.length);
    },
    240_000,
  );
}
