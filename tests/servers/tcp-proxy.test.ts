import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { serverPorts } from './server-ports.ts';
import { createTcpProxy, type TcpProxy } from './tcp-proxy.ts';

let echo: Server;
let proxy: TcpProxy;
const clients: Socket[] = [];

beforeEach(async () => {
  echo = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined);
    socket.pipe(socket);
  }).listen(0, '127.0.0.1');
  await once(echo, 'listening');
  const [port = 0] = await serverPorts(1);
  proxy = await createTcpProxy(port, (echo.address() as AddressInfo).port);
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await proxy.stop();
  echo.close();
});

type Client = { socket: Socket; got(): string; ended: Promise<string> };

async function open(): Promise<Client> {
  const socket = connect({ port: proxy.port, host: '127.0.0.1', allowHalfOpen: true });
  clients.push(socket);
  let got = '';
  socket.on('data', (chunk) => (got += chunk));
  const ended = new Promise<string>((resolve) => {
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
    socket.on('end', () => resolve('end'));
  });
  await Promise.race([once(socket, 'connect'), ended]);
  return { socket, got: () => got, ended };
}

/** What was sent before has come back; so whatever the proxy does later, it does to an open connection. */
async function openAndHeard(): Promise<Client> {
  const client = await open();
  client.socket.write('a');
  await vi.waitFor(() => expect(client.got()).toBe('a'));
  return client;
}

test('bytes pass unchanged in both directions, also more than any buffer holds', async () => {
  const client = await open();
  const sent = 'abcdefgh'.repeat(1_000_000);
  client.socket.end(sent);
  expect(await client.ended).toBe('end');
  expect(client.got() === sent).toBe(true);
});

test('a cut resets what is connected and refuses what connects, until it is resumed on the same port', async () => {
  const client = await openAndHeard();
  await proxy.cut();
  expect(await client.ended).toBe('ECONNRESET');
  expect(await (await open()).ended).toBe('ECONNREFUSED');
  await proxy.resume();
  await openAndHeard();
  expect(proxy.connections()).toBe(2);
});

test('while paused, connecting works and nothing arrives; afterwards everything does, in order', async () => {
  const client = await openAndHeard();
  proxy.pause();
  client.socket.write('b');
  const late = await open();
  late.socket.write('c');
  // A connection past the proxy has gone there and back meanwhile: silence is the proxy's doing.
  const past = connect((echo.address() as AddressInfo).port, '127.0.0.1');
  past.write('x');
  await once(past, 'data');
  past.destroy();
  client.socket.write('d');
  expect([client.got(), late.got()]).toEqual(['a', '']);
  await proxy.resume();
  await vi.waitFor(() => expect([client.got(), late.got()]).toEqual(['abd', 'c']));
});

test('slow means that each piece waits both ways', async () => {
  const client = await openAndHeard();
  proxy.slow(60);
  const startedMs = performance.now();
  client.socket.write('b');
  await vi.waitFor(() => expect(client.got()).toBe('ab'));
  // Timers may fire a millisecond early.
  expect(performance.now() - startedMs).toBeGreaterThan(115);
});

test('a server that is gone is a reset for its clients, and the proxy lives on', async () => {
  echo.close();
  const client = await open();
  expect(await client.ended).toBe('ECONNRESET');
  expect(await (await open()).ended).toBe('ECONNRESET');
});
