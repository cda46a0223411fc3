import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';

export type ProxyListener = {
  port: number;
  /** Accepted since the start. */
  accepted(): number;
  /** Listens again, on the same port. */
  open(): Promise<void>;
  /** Resets what is connected. */
  cut(): void;
  /** Resets what is connected, and from now on nobody listens: connecting is refused. */
  refuse(): Promise<void>;
};

/** A listening port of 127.0.0.1 that can be taken away and given back. The sockets may be half open. */
export async function createProxyListener(
  port: number,
  connected: (client: Socket) => void,
): Promise<ProxyListener> {
  const clients = new Set<Socket>();
  let accepted = 0;
  let server: Server | undefined;

  function accept(client: Socket): void {
    accepted += 1;
    clients.add(client);
    client.on('close', () => clients.delete(client));
    connected(client);
  }

  const cut = () => {
    for (const client of clients) client.resetAndDestroy();
  };

  const listener: ProxyListener = {
    port,
    accepted: () => accepted,
    async open() {
      if (server) return;
      server = createServer({ allowHalfOpen: true, noDelay: true }, accept);
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
    },
    cut,
    async refuse() {
      const closing = server;
      server = undefined;
      cut();
      if (closing) await new Promise((closed) => closing.close(closed));
    },
  };
  await listener.open();
  return listener;
}
