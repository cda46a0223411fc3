import { randomInt } from 'node:crypto';
import { type AddressInfo, createServer, type Server } from 'node:net';

/**
 * Below the range from which systems take the ports of outgoing connections: while a test has killed a server, no client can be given its
 * port (nor connect to itself on it, which looks like a server that answers nonsense).
 */
const lowest = 20_000;
const highest = 32_000;

/** Free ports of 127.0.0.1 for servers that come back on them. They are held together, so they differ. */
export async function serverPorts(count: number): Promise<number[]> {
  const held = await Promise.all(Array.from({ length: count }, hold));
  const ports = held.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(held.map((server) => new Promise((done) => server.close(done))));
  return ports;
}

async function hold(): Promise<Server> {
  for (;;) {
    const server = createServer();
    const { promise, resolve } = Promise.withResolvers<boolean>();
    server.once('error', () => resolve(false));
    server.listen(randomInt(lowest, highest), '127.0.0.1', () => resolve(true));
    if (await promise) return server;
  }
}
