import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { serverPorts } from '../servers/server-ports.ts';
import { startGatewayFront } from './gateway-front.ts';

/** Answers with its own port and what was asked of it. */
async function startGateway(): Promise<{ port: number; stop(): Promise<void> }> {
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    response.writeHead(body === '' ? 200 : 201, { 'x-gateway': String(port) });
    response.end(`${request.method} ${request.url} ${request.headers.host} ${body}`);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  onTestFinished(stop);
  return { port, stop };
}

async function startFront() {
  const gateways = [await startGateway(), await startGateway()] as const;
  const [port = 0] = await serverPorts(1);
  const front = await startGatewayFront(
    port,
    gateways.map((gateway) => gateway.port),
  );
  onTestFinished(front.stop);
  const ask = (init?: RequestInit) => fetch(`http://localhost:${port}/path?query`, init);
  const gatewayOf = (answer: Response) => Number(answer.headers.get('x-gateway'));
  return { gateways, front, port, ask, gatewayOf };
}

test('each request goes to the next gateway, as it is', async () => {
  const { port, ask, gatewayOf } = await startFront();
  const answers = await Promise.all([ask(), ask(), ask({ method: 'POST', body: 'text' }), ask()]);
  expect(new Set(answers.map(gatewayOf)).size).toBe(2);
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 201, 200]);
  expect(await answers[2]?.text()).toBe(`POST /path?query localhost:${port} text`);
});

test('a gateway that is gone, or taken out, gets nothing; one that is back does', async () => {
  const { gateways, front, ask, gatewayOf } = await startFront();
  const [one, two] = gateways;
  front.drain(one.port);
  for (let call = 0; call < 4; call++) expect(gatewayOf(await ask())).toBe(two.port);
  front.admit(one.port);
  await two.stop();
  for (let call = 0; call < 4; call++) expect(gatewayOf(await ask())).toBe(one.port);
});

test('what is no HTTP reaches a gateway, and its answer comes back', async () => {
  const { port } = await startFront();
  const socket = connect(port, 'localhost');
  let answer = '';
  socket.on('data', (chunk) => {
    answer += chunk;
  });
  socket.write('HELLO\r\n\r\n');
  await once(socket, 'close');
  expect(answer).toMatch(/^HTTP\/1\.1 400 /);
});

test('who has gone is gone for the gateway too', async () => {
  const hung = Promise.withResolvers<void>();
  const server = createServer((request) => request.on('close', () => hung.resolve()));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const [port = 0] = await serverPorts(1);
  const front = await startGatewayFront(port, [(server.address() as AddressInfo).port]);
  onTestFinished(front.stop);
  const leaving = new AbortController();
  const call = fetch(`http://localhost:${port}/`, { signal: leaving.signal });
  const arrived = once(server, 'request');
  await arrived;
  leaving.abort();
  await expect(call).rejects.toThrow();
  await hung.promise;
});
