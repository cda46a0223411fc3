import { existsSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { mailSaying, socketAddress, startLoopback } from './loopback-fixture.ts';
import { parseRpcAddress } from './rpc-address.ts';

const answer = async () => mailSaying('hello');

test('a socket path that the system would cut is refused with its length and the limit', () => {
  expect(() => parseRpcAddress(`unix:/${'d'.repeat(120)}`)).toThrow(
    /has 121 bytes; the system allows 10[37]/,
  );
  // Bytes count, not characters.
  expect(() => parseRpcAddress(`unix:/${'ä'.repeat(60)}`)).toThrow(/has 121 bytes/);
  expect(parseRpcAddress(`unix:/${'d'.repeat(102)}`)).toMatchObject({ kind: 'unix' });
});

test('what is neither a socket nor host and port is refused', () => {
  for (const address of ['', 'unix:relative', 'localhost', 'host:', 'host:70000', 'a b:1', ':1']) {
    expect(() => parseRpcAddress(address)).toThrow(
      expect.objectContaining({ code: 'RPC_ADDRESS_INVALID' }),
    );
  }
  expect(parseRpcAddress('[::1]:50051')).toEqual({ kind: 'tcp', host: '[::1]', port: 50051 });
});

test('a socket is for its owner alone and gone after the stop', async () => {
  const { server } = await startLoopback(answer);
  const path = server.address.slice('unix:'.length);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  await server.stop();
  expect(existsSync(path)).toBe(false);
});

test('the socket file of a killed process does not keep the next one from listening', async () => {
  const address = socketAddress();
  const path = address.slice('unix:'.length);
  await leaveStaleSocket(path);
  expect(existsSync(path)).toBe(true);
  const { client } = await startLoopback(answer, { address });
  expect((await client.getMail({ mailId: 'mail-1' })).mail?.text).toBe('hello');
});

test('a socket that another process answers on, or a file that is no socket, stays untouched', async () => {
  const { server, client } = await startLoopback(answer);
  await expect(startLoopback(answer, { address: server.address })).rejects.toThrow(
    expect.objectContaining({ code: 'RPC_ADDRESS_UNUSABLE' }),
  );
  expect((await client.getMail({ mailId: 'mail-1' })).mail?.text).toBe('hello');

  const address = socketAddress();
  writeFileSync(address.slice('unix:'.length), 'precious');
  await expect(startLoopback(answer, { address })).rejects.toThrow('no socket');
  expect(existsSync(address.slice('unix:'.length))).toBe(true);
});

test('a port that is taken is named', async () => {
  const { server } = await startLoopback(answer, { address: '127.0.0.1:0' });
  await expect(startLoopback(answer, { address: server.address })).rejects.toThrow(
    `Cannot listen on ${server.address}: another process listens there`,
  );
});

/** What SIGKILL leaves: a socket file that nobody listens on. Node removes the file it bound, so it is bound aside. */
async function leaveStaleSocket(path: string): Promise<void> {
  const { link, unlink } = await import('node:fs/promises');
  const listener = createServer();
  onTestFinished(() => void listener.close());
  await new Promise<void>((resolve) => listener.listen(`${path}.bound`, resolve));
  await link(`${path}.bound`, path);
  await new Promise((resolve) => listener.close(resolve));
  await unlink(`${path}.bound`).catch(() => undefined);
}
