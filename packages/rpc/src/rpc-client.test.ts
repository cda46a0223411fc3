import { type AddressInfo, connect, createServer } from 'node:net';
import { NotificationServiceService } from '@credential-renewal/proto/notification/v1/notification';
import { DomainError } from '@credential-renewal/runtime';
import { Client, credentials, type ServiceError, status } from '@grpc/grpc-js';
import { expect, onTestFinished, test, vi } from 'vitest';
import { mailSaying, socketAddress, startLoopback } from './loopback-fixture.ts';
import { createRpcClient } from './rpc-client.ts';

const answer = async () => mailSaying('hello');

function clientOf(address: string, deadlineMs: number) {
  const client = createRpcClient(NotificationServiceService, address, { deadlineMs });
  onTestFinished(() => client.close());
  return client;
}

test('a call made before its service listens waits for it', async () => {
  const address = socketAddress();
  const call = clientOf(address, 5_000).getMail({ mailId: 'mail-1' });
  await startLoopback(answer, { address });
  expect((await call).mail?.text).toBe('hello');
});

test('a client goes on after its service was stopped and started again', async () => {
  const address = socketAddress();
  const { server, client } = await startLoopback(answer, { address });
  await client.getMail({ mailId: 'mail-1' });
  await server.stop();
  const call = client.getMail({ mailId: 'mail-1' });
  await startLoopback(async () => mailSaying('again'), { address });
  expect((await call).mail?.text).toBe('again');
});

test('a service that stays away is named as unavailable, without its address', async () => {
  const address = socketAddress();
  const refused = clientOf(address, 100).getMail({ mailId: 'mail-1' });
  const error = (await refused.catch((thrown: unknown) => thrown)) as DomainError;
  expect(error).toMatchObject({
    kind: 'unavailable',
    code: 'SERVICE_UNAVAILABLE',
    metadata: { service: 'notification.v1.NotificationService' },
  });
  expect(error.message).not.toContain(address);
});

test('the deadline of a call may differ from that of its client', async () => {
  const { client } = await startLoopback(() => new Promise(() => {}), {
    deadlineMs: 60_000,
    drainTimeoutMs: 20,
  });
  const call = client.getMail({ mailId: 'mail-1' }, { deadlineMs: 50 });
  await expect(call).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
});

test('a call that was aborted before it began is never made', async () => {
  const handler = vi.fn(answer);
  const { client } = await startLoopback(handler);
  const signal = AbortSignal.abort(new Error('too late'));
  await expect(client.getMail({ mailId: 'mail-1' }, { signal })).rejects.toThrow('too late');
  await client.listMails({ pageSize: 0, pageToken: '', to: '' });
  expect(handler).not.toHaveBeenCalled();
});

test('a message over a megabyte is refused in both directions', async () => {
  const { client } = await startLoopback(async () => mailSaying('x'.repeat(1_100_000)));
  const tooLarge = { kind: 'resource_exhausted', code: 'MESSAGE_TOO_LARGE' };
  await expect(client.getMail({ mailId: 'x'.repeat(1_100_000) })).rejects.toMatchObject(tooLarge);
  await expect(client.getMail({ mailId: 'mail-1' })).rejects.toMatchObject(tooLarge);
});

test('a refusal with more fields than anybody reads still arrives as that refusal', async () => {
  const { client } = await startLoopback(async () => {
    const violations = Array.from({ length: 2_000 }, (_, index) => ({
      field: `user_ids[${index}]`,
      description: 'must be an id'.repeat(50),
    }));
    throw new DomainError('invalid_argument', 'INPUT_INVALID', 'ü\ud800'.repeat(9_000), {
      violations,
    });
  });
  const error = await client.getMail({ mailId: '' }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ kind: 'invalid_argument', code: 'INPUT_INVALID' });
  expect((error as DomainError).violations[0]?.field).toBe('user_ids[0]');
});

test('bytes that are no request are the mistake of the caller, and no handler sees them', async () => {
  const handler = vi.fn(answer);
  const { server, lines } = await startLoopback(handler);
  const channel = new Client(server.address, credentials.createInsecure());
  onTestFinished(() => channel.close());
  const error = await new Promise<ServiceError | null>((resolve) => {
    channel.makeUnaryRequest(
      NotificationServiceService.getMail.path,
      (bytes: Buffer) => bytes,
      (bytes: Buffer) => bytes,
      Buffer.from([0xff, 0xff, 0xff]),
      (failure) => resolve(failure),
    );
  });
  expect(error?.code).toBe(status.INVALID_ARGUMENT);
  expect(handler).not.toHaveBeenCalled();
  expect(lines).toContainEqual(
    expect.objectContaining({ level: 30, error_code: 'REQUEST_MALFORMED' }),
  );
});

test('a connection of a certain age is replaced without a failed call', async () => {
  const { server } = await startLoopback(answer, {
    address: '127.0.0.1:0',
    maxConnectionAgeMs: 30,
  });
  const proxy = await countConnections(Number(server.address.split(':')[1]));
  const client = clientOf(`127.0.0.1:${proxy.port}`, 5_000);
  await vi.waitFor(async () => {
    expect((await client.getMail({ mailId: 'mail-1' })).mail?.text).toBe('hello');
    expect(proxy.connections()).toBeGreaterThanOrEqual(3);
  }, 5_000);
});

/** A TCP proxy in front of `port` that counts who comes through. */
async function countConnections(port: number) {
  let connections = 0;
  const proxy = createServer((socket) => {
    connections += 1;
    const upstream = connect(port, '127.0.0.1');
    socket.pipe(upstream).pipe(socket);
    socket.on('error', () => upstream.destroy());
    upstream.on('error', () => socket.destroy());
  });
  onTestFinished(() => void proxy.close());
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  return { port: (proxy.address() as AddressInfo).port, connections: () => connections };
}
