import { lstat, unlink } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { RpcAddressUnusableError } from './rpc-address.ts';

/**
 * Removes the socket file that a killed process left behind, which would otherwise keep the next one from listening.
 * Throws `RpcAddressUnusableError` when a process still answers there, or when the file is no socket.
 */
export async function removeStaleSocket(path: string): Promise<void> {
  const file = await lstat(path).catch(() => undefined);
  if (file === undefined) return;
  const refuse = (reason: string) => new RpcAddressUnusableError(`unix:${path}`, reason);
  if (!file.isSocket()) throw refuse('a file that is no socket is in the way');
  if (await isAnswered(path)) throw refuse('another process listens there');
  await unlink(path);
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
