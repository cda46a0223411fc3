import {
  type HealthCheckResponse,
  HealthService,
  HealthCheckResponse_ServingStatus as HealthStatus,
} from '@credential-renewal/proto/grpc/health/v1/health';
import { Client, type ClientReadableStream, credentials } from '@grpc/grpc-js';
import { expect, onTestFinished, test, vi } from 'vitest';
import { mailSaying, startLoopback } from './loopback-fixture.ts';
import { createRpcClient } from './rpc-client.ts';

const serviceName = 'notification.v1.NotificationService';

test('a stopping server finishes the running call and takes no new one', async () => {
  const entered = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const { server, client } = await startLoopback(async () => {
    entered.resolve();
    await release.promise;
    return mailSaying('finished');
  });
  const running = client.getMail({ mailId: 'mail-1' });
  await entered.promise;

  const stopped = server.stop();
  await expect(
    client.listMails({ pageSize: 0, pageToken: '', to: '' }, { deadlineMs: 100 }),
  ).rejects.toMatchObject({ kind: 'unavailable', code: 'SERVICE_UNAVAILABLE' });

  release.resolve();
  expect((await running).mail?.text).toBe('finished');
  await stopped;
});

test('a call that does not end is cut off after the drain timeout, and its caller learns that the service is away', async () => {
  const entered = Promise.withResolvers<void>();
  const { server, client, lines } = await startLoopback(
    () => {
      entered.resolve();
      return new Promise(() => {});
    },
    { drainTimeoutMs: 50 },
  );
  // A read, so its caller looks for another replica until its deadline.
  const running = client.getMail({ mailId: 'mail-1' }, { deadlineMs: 500 });
  const outcome = expect(running).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  await entered.promise;
  await server.stop();
  await outcome;
  expect(lines).toContainEqual(expect.objectContaining({ level: 40, running_calls: 1 }));
});

test('work whose caller has gone is still finished before the stop resolves', async () => {
  const entered = Promise.withResolvers<void>();
  const noticed = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  let written = false;
  const { server, client, lines } = await startLoopback(async (_, { signal }) => {
    signal.addEventListener('abort', () => noticed.resolve());
    entered.resolve();
    await release.promise;
    written = true;
    return mailSaying('nobody reads this');
  });
  const leaving = new AbortController();
  const call = client.getMail({ mailId: 'mail-1' }, { signal: leaving.signal });
  const outcome = expect(call).rejects.toThrow();
  await entered.promise;
  leaving.abort();
  await outcome;
  await noticed.promise;

  const stopped = server.stop().then(() => written);
  await vi.waitFor(() =>
    expect(lines).toContainEqual(
      expect.objectContaining({ msg: 'connections are closed', running_calls: 1 }),
    ),
  );
  release.resolve();
  expect(await stopped).toBe(true);
});

test('health answers for the server and for each service, and a watcher sees the drain and does not hold it up', async () => {
  const { server } = await startLoopback(async () => mailSaying(''));
  const { check, list } = HealthService;
  const health = createRpcClient({ check, list }, server.address, { deadlineMs: 1_000 });
  onTestFinished(() => health.close());
  for (const service of ['', serviceName]) {
    expect(await health.check({ service })).toEqual({ status: HealthStatus.SERVING });
  }
  await expect(health.check({ service: 'unknown.v1.Service' })).rejects.toThrow();
  const { statuses } = await health.list({});
  expect(Object.keys(statuses).sort()).toEqual(['', serviceName]);

  const seen: number[] = [];
  const watch = watchHealth(server.address, seen);
  await vi.waitFor(() => expect(seen).toEqual([HealthStatus.SERVING]));
  await server.stop();
  await watch;
  expect(seen).toEqual([HealthStatus.SERVING, HealthStatus.NOT_SERVING]);
});

/** Collects the states of a health watch; resolves when the server ends it. */
function watchHealth(address: string, seen: number[]): Promise<void> {
  const client = new Client(address, credentials.createInsecure());
  onTestFinished(() => client.close());
  const { path, requestSerialize, responseDeserialize } = HealthService.watch;
  const stream: ClientReadableStream<HealthCheckResponse> = client.makeServerStreamRequest(
    path,
    requestSerialize,
    responseDeserialize,
    { service: serviceName },
  );
  stream.on('data', ({ status }: HealthCheckResponse) => seen.push(status));
  return new Promise((resolve, reject) => {
    stream.on('end', resolve);
    stream.on('error', reject);
  });
}
