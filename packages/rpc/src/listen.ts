import { chmod } from 'node:fs/promises';
import type { Server, ServerCredentials } from '@grpc/grpc-js';
import { formatRpcAddress, type RpcAddress, RpcAddressUnusableError } from './rpc-address.ts';
import { removeStaleSocket } from './stale-socket.ts';

/** Resolves with the address that clients can call; throws `RpcAddressUnusableError`. */
export async function listen(
  server: Server,
  address: RpcAddress,
  credentials: ServerCredentials,
): Promise<string> {
  const text = formatRpcAddress(address);
  if (address.kind === 'unix') await removeStaleSocket(address.path);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(text, credentials, (error, boundPort) => {
      if (error) reject(new RpcAddressUnusableError(text, bindProblem(error), error));
      else resolve(boundPort);
    });
  });
  if (address.kind === 'tcp') return formatRpcAddress({ ...address, port });
  // Whoever can open the socket can ask for tokens.
  await chmod(address.path, 0o600);
  return text;
}

/** grpc-js tells of the system's error only within its text. */
function bindProblem(error: Error): string {
  if (error.message.includes('EADDRINUSE')) return 'another process listens there';
  if (error.message.includes('EACCES')) return 'the system does not allow it to this user';
  return error.message;
}
