import { DomainError } from '@credential-renewal/runtime';

/** The address cannot be listened on or called; the message says what is wrong with it. */
export class RpcAddressInvalidError extends DomainError {
  constructor(message: string) {
    super('invalid_argument', 'RPC_ADDRESS_INVALID', message);
  }
}

/** Nobody can listen there: the port or socket is in use, or the directory cannot be written. */
export class RpcAddressUnusableError extends DomainError {
  constructor(address: string, reason: string, cause?: unknown) {
    super('failed_precondition', 'RPC_ADDRESS_UNUSABLE', `Cannot listen on ${address}: ${reason}`, {
      cause,
    });
  }
}

export type RpcAddress =
  | { kind: 'unix'; path: string }
  | { kind: 'tcp'; host: string; port: number };

// `sun_path` of a socket address holds 108 bytes on Linux with the ending NUL (unix(7)); macOS has 104.
const maxSocketPathBytes = process.platform === 'darwin' ? 103 : 107;

/** Reads `unix:/absolute/path` or `host:port` (`[::1]:port` for IPv6); throws `RpcAddressInvalidError`. */
export function parseRpcAddress(address: string): RpcAddress {
  if (address.startsWith('unix:')) return parseSocketPath(address.slice('unix:'.length));
  const [, host, digits] = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+):(\d{1,5})$/.exec(address) ?? [];
  const port = Number(digits);
  if (host === undefined || port > 65_535) {
    throw new RpcAddressInvalidError(
      `"${address}" is no RPC address: it must be unix:/absolute/path or host:port`,
    );
  }
  return { kind: 'tcp', host, port };
}

function parseSocketPath(path: string): RpcAddress {
  if (!path.startsWith('/')) {
    throw new RpcAddressInvalidError(`The socket path "${path}" must be absolute: unix:/path`);
  }
  const bytes = Buffer.byteLength(path);
  if (bytes > maxSocketPathBytes) {
    throw new RpcAddressInvalidError(
      `The socket path ${path} has ${bytes} bytes; the system allows ${maxSocketPathBytes}. Choose a shorter directory`,
    );
  }
  return { kind: 'unix', path };
}

export function formatRpcAddress(address: RpcAddress): string {
  return address.kind === 'unix' ? `unix:${address.path}` : `${address.host}:${address.port}`;
}
