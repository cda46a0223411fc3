import type { AddressInfo, Server, Socket } from 'node:net';

export type LoopbackServer = {
  port: number;
  /** Connections so far. */
  connections(): number;
  close(): Promise<void>;
} & AsyncDisposable;

/** Lets a server listen on a free port, or on `port`, of loopback, and counts who comes. Closing cuts what is open. */
export async function listenOnLoopback(
  server: Server,
  { host = '127.0.0.1', port = 0 }: { host?: string; port?: number } = {},
): Promise<LoopbackServer> {
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    close,
    [Symbol.asyncDispose]: close,
  };
}
