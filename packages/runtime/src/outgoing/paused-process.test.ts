import { Worker } from 'node:worker_threads';
import { expect, onTestFinished, test } from 'vitest';
import { createGuardedFetch } from './guarded-fetch.ts';

/** A server in a thread of its own, which goes on while this one stands still. `heard[0]` becomes 1 with a request. */
const server = `
  const { createServer } = require('node:http');
  const { parentPort, workerData } = require('node:worker_threads');
  const heard = new Int32Array(workerData);
  const listening = createServer((request, response) => {
    Atomics.store(heard, 0, 1);
    if (request.url === '/answers') setTimeout(() => response.end('the only living token'), 50);
  }).listen(0, '127.0.0.1', () => parentPort.postMessage(listening.address().port));
`;

async function startServer() {
  const shared = new SharedArrayBuffer(4);
  const worker = new Worker(server, { eval: true, workerData: shared });
  onTestFinished(async () => void (await worker.terminate()));
  const port = await new Promise<number>((resolve) => worker.once('message', resolve));
  const heard = new Int32Array(shared);
  return {
    origin: `http://127.0.0.1:${port}`,
    async hasHeard() {
      while (Atomics.load(heard, 0) === 0) await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

/** As SIGSTOP does: nothing runs here, and then everything is due at once. */
function standStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

const get = { method: 'GET', headers: {} };
const fetch = createGuardedFetch({ timeoutMs: 200, allowsPrivate: () => true });

test.each([
  ['its own time', undefined],
  ['the time of the caller', 200],
])('an answer that came while the process was paused past %s is heard', async (_what, signalMs) => {
  const { origin, hasHeard } = await startServer();
  const signal = signalMs === undefined ? undefined : AbortSignal.timeout(signalMs);
  const answer = fetch(`${origin}/answers`, { ...get, signal });
  await hasHeard();
  standStill(600);
  expect(await (await answer).text()).toBe('the only living token');
});

test('without an answer a pause only makes it late', async () => {
  const { origin, hasHeard } = await startServer();
  const answer = fetch(`${origin}/says-nothing`, get);
  answer.catch(() => undefined);
  await hasHeard();
  standStill(600);
  await expect(answer).rejects.toMatchObject({ code: 'timeout', sent: true });
});
