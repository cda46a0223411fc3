import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';

/** What stands in front of the replicas of the gateway, as an ingress would: each request goes to the next one. */
export type GatewayFront = {
  /** No request more for the gateway on this port, until `admit`. What runs there goes on. */
  drain(port: number): void;
  admit(port: number): void;
  stop(): Promise<void>;
};

/** Longer headers than any gateway takes: what is too long is for them to say. */
const maxHeaderSize = 256 * 1024;

export async function startGatewayFront(
  port: number,
  gatewayPorts: readonly number[],
): Promise<GatewayFront> {
  const drained = new Set<number>();
  let turn = 0;

  /** The next gateway that takes connections; one that does not is passed over. */
  async function connectToNext(): Promise<Socket | undefined> {
    for (let tried = 0; tried < gatewayPorts.length; tried++) {
      const next = gatewayPorts[turn++ % gatewayPorts.length] ?? 0;
      const socket = drained.has(next) ? undefined : await connectTo(next);
      if (socket) return socket;
    }
    return undefined;
  }

  const server = createServer({ maxHeaderSize }, async (incoming, outgoing) => {
    const socket = await connectToNext();
    if (socket) passOn(incoming, outgoing, socket);
    else incoming.socket.destroy();
  });
  // What is no HTTP is for a gateway to refuse as well, so its bytes go there as they are.
  server.on('clientError', async (error: Error & { rawPacket?: Buffer }, client: Socket) => {
    const socket = await connectToNext();
    if (!socket) return client.destroy();
    socket.write(error.rawPacket ?? '');
    socket.pipe(client);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, 'localhost', resolve);
  });

  return {
    drain: (gateway) => void drained.add(gateway),
    admit: (gateway) => void drained.delete(gateway),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function connectTo(port: number): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(socket));
    socket.on('error', () => resolve(undefined));
  });
}

function passOn(incoming: IncomingMessage, outgoing: ServerResponse, socket: Socket): void {
  const { method, url: path } = incoming;
  const headers = [...withoutHops(incoming.rawHeaders), 'connection', 'close'];
  const onward = request({ createConnection: () => socket, method, path, headers });
  const giveUp = () => {
    onward.destroy();
    incoming.socket.destroy();
  };
  onward.on('error', giveUp);
  onward.on('response', (answer) => {
    outgoing.sendDate = false;
    outgoing.writeHead(answer.statusCode ?? 502, withoutHops(answer.rawHeaders));
    outgoing.flushHeaders();
    answer.on('error', giveUp);
    answer.pipe(outgoing);
  });
  outgoing.on('close', () => onward.destroy());
  incoming.pipe(onward);
}

/** Without what is said about one connection only (RFC 9110 section 7.6.1). */
function withoutHops(rawHeaders: readonly string[]): string[] {
  const hops = new Set(['connection', 'keep-alive']);
  return rawHeaders.filter((_, index) => {
    const name = rawHeaders[index - (index % 2)] ?? '';
    return !hops.has(name.toLowerCase());
  });
}
