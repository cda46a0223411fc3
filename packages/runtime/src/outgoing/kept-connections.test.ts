import { createServer, request } from 'node:http';
import { Worker } from 'node:worker_threads';
import { expect, onTestFinished, test } from 'vitest';
import { listenOnLoopback } from '../testing/loopback-server.ts';
import { createGuardedFetch } from './guarded-fetch.ts';
import { createKeptConnections } from './kept-connections.ts';

const get = { method: 'GET', headers: {} };
const createFetch = () => createGuardedFetch({ timeoutMs: 5_000, allowsPrivate: () => true });

/** It answers with the path; `/last` ends the connection as HTTP does, `/cut` in the middle of things. */
async function startServer() {
  const server = createServer(({ url, socket }, response) => {
    if (url === '/cut') return socket.destroy();
    if (url === '/last') response.setHeader('connection', 'close');
    response.end(url);
  });
  const listening = await listenOnLoopback(server);
  onTestFinished(() => listening.close());
  return { ...listening, origin: `http://127.0.0.1:${listening.port}` };
}

test('requests that follow each other to a server share a connection, and those at the same time do not wait for it', async () => {
  const { origin, connections } = await startServer();
  const fetch = createFetch();
  for (const path of ['/1', '/2', '/3'])
    expect(await (await fetch(`${origin}${path}`, get)).text()).toBe(path);
  expect(connections()).toBe(1);
  const paths = Array.from({ length: 5 }, (_, index) => `/${index}`);
  const answers = paths.map(async (path) => (await fetch(`${origin}${path}`, get)).text());
  expect(await Promise.all(answers)).toEqual(paths);
  expect(connections()).toBe(5);
});

test('servers are told apart by host and port', async () => {
  const [one, other] = [await startServer(), await startServer()];
  const fetch = createFetch();
  for (const { origin } of [one, other, one, other]) await fetch(`${origin}/`, get);
  expect([one.connections(), other.connections()]).toEqual([1, 1]);
});

test('a connection that its server ends is not used again', async () => {
  const { origin, connections } = await startServer();
  const fetch = createFetch();
  await fetch(`${origin}/last`, get);
  expect(await (await fetch(`${origin}/next`, get)).text()).toBe('/next');
  expect(connections()).toBe(2);
});

test('what breaks on a kept connection may have been heard, and is said to have been sent', async () => {
  const { origin } = await startServer();
  const fetch = createFetch();
  await fetch(`${origin}/first`, get);
  await expect(fetch(`${origin}/cut`, get)).rejects.toMatchObject({
    ...{ code: 'connection_lost', sent: true },
  });
  expect(await (await fetch(`${origin}/next`, get)).text()).toBe('/next');
});

test('a connection is kept for less than a second', async () => {
  const { origin } = await startServer();
  let nowMs = 0;
  const connections = createKeptConnections(() => nowMs);
  const agent = connections.agentFor('http:');
  const free = () => Object.values(agent.freeSockets).flatMap((sockets) => sockets ?? []);
  const { promise: freed, resolve } = Promise.withResolvers<void>();
  agent.once('free', () => setImmediate(resolve));
  request(`${origin}/`, { agent: connections.agentFor('http:') }, (response) =>
    response.resume(),
  ).end();
  await freed;
  nowMs = 999;
  connections.agentFor('http:');
  expect(free().map(({ destroyed }) => destroyed)).toEqual([false]);
  nowMs = 1_000;
  connections.agentFor('http:');
  expect(free().filter(({ destroyed }) => !destroyed)).toEqual([]);
});

test('a request after a pause begins a connection of its own: the server may have closed the kept one meanwhile', async () => {
  // In a thread of its own, which goes on while this one stands still.
  const server = `
    const { createServer } = require('node:http');
    const { parentPort } = require('node:worker_threads');
    const listening = createServer(({ socket }, response) => {
      response.end('heard');
      setTimeout(() => socket.destroy(), 200);
    }).listen(0, '127.0.0.1', () => parentPort.postMessage(listening.address().port));
  `;
  const worker = new Worker(server, { eval: true });
  onTestFinished(async () => void (await worker.terminate()));
  const port = await new Promise<number>((resolve) => worker.once('message', resolve));
  const fetch = createFetch();
  const ask = async () => (await fetch(`http://127.0.0.1:${port}/`, get)).text();
  expect(await ask()).toBe('heard');
  // As SIGSTOP does: nothing runs here, and then everything is due at once.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_100);
  expect(await ask()).toBe('heard');
});
