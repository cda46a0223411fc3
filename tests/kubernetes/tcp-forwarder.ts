import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export type Place = { host: string; port: number };

/** Passes connections on as they are: what listens on 127.0.0.1 is reached from pods this way, and a NodePort from here. */
export async function startForwarder(at: Place, to: Place): Promise<{ stop(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
    const target = connect({ ...to, noDelay: true, allowHalfOpen: true });
    for (const [one, other] of [
      [client, target],
      [target, client],
    ] as const) {
      sockets.add(one);
      one.on('close', () => sockets.delete(one));
      one.on('error', () => other.destroy());
      one.pipe(other);
    }
  });
  server.listen(at.port, at.host);
  await once(server, 'listening');
  return {
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
