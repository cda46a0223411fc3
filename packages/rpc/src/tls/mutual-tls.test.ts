import {
  HealthService,
  HealthCheckResponse_ServingStatus as HealthStatus,
} from '@credential-renewal/proto/grpc/health/v1/health';
import { NotificationServiceService } from '@credential-renewal/proto/notification/v1/notification';
import { createAuthority } from '@credential-renewal/runtime/testing';
import { type ChannelCredentials, Client, credentials, experimental } from '@grpc/grpc-js';
import { Registry } from 'prom-client';
import { expect, onTestFinished, test, vi } from 'vitest';
import { mailSaying, recordingLogger, socketAddress } from '../loopback-fixture.ts';
import { createRpcClient } from '../rpc-client.ts';
import { createRpcServer } from '../rpc-server.ts';
import { serve } from '../served-service.ts';
import { authority, filesOf, issueTo, mountSecret } from './certificate-fixture.ts';
import { clientOf, identityIn, identityOf, startSecured } from './tls-fixture.ts';

const stranger = createAuthority('Strangers');
const hourMs = 60 * 60_000;

/** Calls with any credentials that grpc-js can make; rejects with the status. */
function rawCall(address: string, channel: ChannelCredentials, deadlineMs = 700): Promise<unknown> {
  const client = new Client(address, channel, {
    'grpc.ssl_target_name_override': 'notification',
    'grpc.initial_reconnect_backoff_ms': 100,
  });
  onTestFinished(() => client.close());
  const { path, requestSerialize, responseDeserialize } = NotificationServiceService.getMail;
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      ...([path, requestSerialize, responseDeserialize, { mailId: 'm' }] as const),
      { deadline: Date.now() + deadlineMs },
      (error, answer) => (error ? reject(error) : resolve(answer)),
    );
  });
}

function ssl({ certificate, key }: { certificate: string; key: string }) {
  return credentials.createSsl(
    Buffer.from(authority.certificate),
    Buffer.from(key),
    Buffer.from(certificate),
  );
}

test('a caller with a certificate of our authority gets in, and the handler knows which one it is', async () => {
  const { server } = await startSecured();
  const { directory } = mountSecret(
    filesOf(authority.issueFor({ uris: ['spiffe://credential-renewal/worker/orders'] })),
  );
  const client = clientOf(server.address, identityIn(directory, 'worker'));
  expect((await client.getMail({ mailId: 'm' })).mail?.text).toBe('orders');
});

test('grpc-js is used so that a client with the same credentials gets in by its own means', async () => {
  const { server } = await startSecured();
  await expect(rawCall(server.address, ssl(issueTo('worker')), 5_000)).resolves.toMatchObject({
    mail: { text: 'worker' },
  });
});

test('the server credentials of grpc-js still ask one provider for both certificate and authorities', () => {
  // 1.14.7 takes the first two parameters the other way round than it declares. Ours are the same object; should it ask a third way, this fails.
  const asked: string[] = [];
  const provider = (name: string): experimental.CertificateProvider => ({
    addCaCertificateListener: () => void asked.push(`${name}: authorities`),
    removeCaCertificateListener: () => undefined,
    addIdentityCertificateListener: () => void asked.push(`${name}: certificate`),
    removeIdentityCertificateListener: () => undefined,
  });
  experimental
    .createCertificateProviderServerCredentials(provider('first'), provider('second'), true)
    ._addWatcher(() => undefined);
  expect(asked.sort()).toEqual(['first: certificate', 'second: authorities']);
});

test.each<[string, () => ChannelCredentials]>([
  ['in plaintext', () => credentials.createInsecure()],
  ['without a certificate', () => credentials.createSsl(Buffer.from(authority.certificate))],
  ['with a certificate of another authority', () => ssl(issueTo('worker', stranger))],
  [
    'with an expired certificate',
    () =>
      ssl(
        authority.issueFor(
          { dns: ['worker'] },
          { validFromMs: Date.now() - 2 * hourMs, lifeMs: hourMs },
        ),
      ),
  ],
  [
    'with a certificate that is not valid yet',
    () => ssl(authority.issueFor({ dns: ['worker'] }, { validFromMs: Date.now() + hourMs })),
  ],
])('who comes %s reaches no handler', async (_, channel) => {
  const getMail = vi.fn(async () => mailSaying('secret'));
  const { server, lines } = await startSecured({ getMail });
  await expect(rawCall(server.address, channel())).rejects.toThrow();
  expect(getMail).not.toHaveBeenCalled();
  expect(lines.filter(({ rpc }) => rpc !== undefined)).toEqual([]);
  // Nor does it disturb the others.
  const client = clientOf(server.address, identityOf('operator'));
  expect((await client.getMail({ mailId: 'm' })).mail?.text).toBe('secret');
});

test('a caller that a method does not name is refused, counted and logged; the list is per method', async () => {
  const metrics = new Registry();
  const { server, lines } = await startSecured({ metrics });
  const gateway = clientOf(server.address, identityOf('gateway'));
  await gateway.listMails({ pageSize: 0, pageToken: '', to: '' });
  await expect(gateway.getMail({ mailId: 'm' })).rejects.toMatchObject({
    kind: 'permission_denied',
    code: 'CALLER_NOT_ALLOWED',
    metadata: { caller: 'gateway', rpc: 'notification.v1.NotificationService/GetMail' },
  });
  expect(await metrics.getSingleMetricAsString('rpc_calls_refused_total')).toContain(
    'rpc_calls_refused_total{method="notification.v1.NotificationService/GetMail",caller="gateway"} 1',
  );
  expect(lines).toContainEqual(
    expect.objectContaining({ level: 40, caller: 'gateway', error_code: 'CALLER_NOT_ALLOWED' }),
  );
});

test('a certificate of our authority that names nobody may call nothing', async () => {
  const metrics = new Registry();
  const { server } = await startSecured({ metrics });
  const nobody = ssl(authority.issueFor({ dns: ['printer', 'worker.attacker.example'] }));
  await expect(rawCall(server.address, nobody, 5_000)).rejects.toThrow(/unknown may not call/);
  expect(await metrics.metrics()).toContain('caller="unknown"');
});

test('a server with the certificate of another service is not called', async () => {
  const { server, lines } = await startSecured({ identity: identityOf('source-registry') });
  const identity = identityOf('operator');
  const client = clientOf(server.address, identity, 700);
  await expect(client.getMail({ mailId: 'm' })).rejects.toMatchObject({
    code: 'SERVICE_UNAVAILABLE',
  });
  expect(identity.lines).toContainEqual(
    expect.objectContaining({ level: 50, called: 'notification', names: ['source-registry'] }),
  );
  expect(lines.filter(({ rpc }) => rpc !== undefined)).toEqual([]);
});

test('a server of another authority, and one that speaks no TLS, are not called', async () => {
  const { directory } = mountSecret(filesOf(issueTo('notification', stranger), stranger));
  const foreign = await startSecured({ identity: identityIn(directory, 'notification') });
  const plain = await startSecured({ identity: undefined });
  for (const { server, lines } of [foreign, plain]) {
    const client = clientOf(server.address, identityOf('operator'), 700);
    await expect(client.getMail({ mailId: 'm' })).rejects.toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
    });
    expect(lines.filter(({ rpc }) => rpc !== undefined)).toEqual([]);
  }
});

test('a unix socket is for its owner alone and needs no certificates', async () => {
  const { server } = await startSecured({ address: socketAddress() });
  const client = clientOf(server.address, identityOf('operator'));
  expect((await client.getMail({ mailId: 'm' })).mail?.text).toBe('nobody');
});

test('without certificates everybody may call everything over TCP, and the log warns of it once', async () => {
  const { server, lines } = await startSecured({ identity: undefined });
  const client = clientOf(server.address, undefined);
  expect((await client.getMail({ mailId: 'm' })).mail?.text).toBe('nobody');
  const warnings = lines.filter(({ level }) => level === 40);
  expect(warnings).toEqual([
    expect.objectContaining({ msg: expect.stringMatching(/neither encrypted nor authenticated/) }),
  ]);
});

test('a service that does not say who may call it does not start with certificates', async () => {
  const { logger } = recordingLogger();
  const handlers = {
    getMail: async () => mailSaying(''),
    listMails: async () => ({ mails: [], nextPageToken: '' }),
  };
  const start = (service: ReturnType<typeof serve>) =>
    createRpcServer({
      ...{ name: 'notification', address: '127.0.0.1:0', logger, services: [service] },
      identity: identityOf('notification'),
    });
  await expect(start(serve(NotificationServiceService, handlers))).rejects.toThrow(
    'notification.v1.NotificationService does not say who may call listMails',
  );
  // The compiler says so too.
  const incomplete = { listMails: ['gateway'] } as const;
  // @ts-expect-error: getMail is missing.
  const service = serve(NotificationServiceService, handlers, incomplete);
  await expect(start(service)).rejects.toThrow('does not say who may call getMail');
});

test('health is answered on a port of its own without a certificate, and nothing else is', async () => {
  const { server } = await startSecured({ healthAddress: '127.0.0.1:0' });
  const { check } = HealthService;
  const address = server.healthAddress ?? '';
  const health = createRpcClient({ check }, address, { deadlineMs: 5_000 });
  onTestFinished(() => health.close());
  for (const service of ['', 'notification.v1.NotificationService'])
    expect(await health.check({ service })).toEqual({ status: HealthStatus.SERVING });
  await expect(rawCall(address, credentials.createInsecure())).rejects.toThrow(/UNIMPLEMENTED/);
});

test('the health port says that the server drains while it drains, and is closed with it', async () => {
  const entered = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const { server } = await startSecured({
    healthAddress: '127.0.0.1:0',
    async getMail() {
      entered.resolve();
      await release.promise;
      return mailSaying('done');
    },
  });
  const running = clientOf(server.address, identityOf('operator')).getMail({ mailId: 'm' });
  await entered.promise;
  const stopped = server.stop();
  const { check } = HealthService;
  const health = createRpcClient({ check }, server.healthAddress ?? '', { deadlineMs: 2_000 });
  onTestFinished(() => health.close());
  await vi.waitFor(async () =>
    expect(await health.check({ service: '' })).toEqual({ status: HealthStatus.NOT_SERVING }),
  );
  release.resolve();
  expect((await running).mail?.text).toBe('done');
  await stopped;
  await expect(health.check({ service: '' }, { deadlineMs: 300 })).rejects.toMatchObject({
    code: 'SERVICE_UNAVAILABLE',
  });
});

test('a health port that is taken keeps the server from starting, and leaves nothing open', async () => {
  const { server } = await startSecured({ healthAddress: '127.0.0.1:0' });
  await expect(startSecured({ healthAddress: server.healthAddress })).rejects.toThrow(
    'another process listens there',
  );
});
