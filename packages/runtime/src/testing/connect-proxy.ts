import { createServer } from 'node:http';
import { connect, type Socket } from 'node:net';
import { type LoopbackServer, listenOnLoopback } from './loopback-server.ts';

export type ConnectProxy = LoopbackServer & {
  /** `host:port` of each CONNECT. */
  targets: string[];
};

/**
 * An HTTP proxy that knows CONNECT alone. It resolves every name to the loopback port that `portOf` answers with; undefined: 403.
 * With `credentials` (`user:password`) it answers 407 to everybody else.
 */
export async function startConnectProxy(options: {
  portOf: (target: string) => number | undefined;
  credentials?: string;
}): Promise<ConnectProxy> {
  const targets: string[] = [];
  const server = createServer((_, response) => void response.writeHead(405).end());
  const expected =
    options.credentials && `Basic ${Buffer.from(options.credentials).toString('base64')}`;
  server.on('connect', ({ url: target = '', headers }, socket: Socket) => {
    const refuse = (status: string) => void socket.end(`HTTP/1.1 ${status}\r\n\r\n`);
    targets.push(target);
    if (expected && headers['proxy-authorization'] !== expected)
      return refuse('407 Proxy Authentication Required');
    const port = options.portOf(target);
    if (port === undefined) return refuse('403 Forbidden');
    const upstream = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      socket.pipe(upstream).pipe(socket);
    });
    upstream.on('error', () => socket.destroy());
    socket.on('close', () => upstream.destroy());
  });
  return Object.assign(await listenOnLoopback(server), { targets });
}
