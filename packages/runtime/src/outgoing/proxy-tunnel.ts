import { request } from 'node:http';
import { isIP, type Socket } from 'node:net';
import { connect as connectTls, type SecureContext, type TLSSocket } from 'node:tls';
import type { EgressProxy } from './egress-settings.ts';
import { OutgoingRequestError } from './outgoing-request-error.ts';

/** A connection to the host of `url` through an HTTP proxy (CONNECT, RFC 9110 section 9.3.6), of which the proxy sees name and port. */
export function openTunnel(proxy: EgressProxy, url: URL, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const target = `${url.hostname}:${url.port || '443'}`;
    const asking = request({
      host: proxy.host,
      port: proxy.port,
      method: 'CONNECT',
      path: target,
      agent: false,
      headers: {
        host: target,
        ...(proxy.authorization ? { 'proxy-authorization': proxy.authorization } : {}),
      },
      signal,
    });
    const refuse = (socket: Socket, why: string) => {
      socket.destroy();
      reject(new OutgoingRequestError('proxy_refused', `the egress proxy ${why}`, false));
    };
    asking.on('connect', ({ statusCode = 0 }, socket: Socket, head: Buffer) => {
      if (statusCode < 200 || statusCode > 299) return refuse(socket, `answered ${statusCode}`);
      // TLS begins with us, so whatever came already is not from the server that was asked for.
      if (head.byteLength > 0) return refuse(socket, 'sent more than its answer');
      // The request is over, and its signal no longer reaches the socket.
      if (signal.aborted) return void socket.destroy();
      signal.addEventListener('abort', () => socket.destroy(), { once: true });
      resolve(socket);
    });
    // A proxy may answer without switching over; then there is no socket to have.
    asking.on('response', (response) => refuse(response.socket, `answered ${response.statusCode}`));
    asking.on('error', (error: NodeJS.ErrnoException) =>
      reject(
        new OutgoingRequestError(
          'connection_failed',
          `no connection to the egress proxy (${error.code ?? 'unknown'})`,
          false,
          error,
        ),
      ),
    );
    asking.end();
  });
}

/** TLS with the host of `url` itself: the proxy passes on what it cannot read. */
export function tlsThrough(
  socket: Socket,
  url: URL,
  secureContext: SecureContext | undefined,
): TLSSocket {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return connectTls({
    socket,
    host,
    // An address is no server name (RFC 6066 section 3).
    servername: isIP(host) ? '' : host,
    ALPNProtocols: ['http/1.1'],
    ...(secureContext ? { secureContext } : {}),
  });
}
