import { connect } from 'node:tls';
import { OauthBrokerServiceService } from '@credential-renewal/proto/oauth_broker/v1/oauth_broker';
import { createAuthority } from '@credential-renewal/runtime/testing';
import { Registry } from 'prom-client';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createRpcClient } from '../rpc-client.ts';
import { serve } from '../served-service.ts';
import { authority, filesOf, issueTo, mountSecret } from './certificate-fixture.ts';
import { identityIn, startSecured } from './tls-fixture.ts';

const hourMs = 60 * 60_000;
const worker = (own: string, by = authority) =>
  by.issueFor({ uris: [`spiffe://credential-renewal/worker/${own}`] });

/** The certificate that a new connection is shown, in PEM. */
function shownBy(address: string): Promise<string> {
  const { certificate: cert, key } = issueTo('operator');
  const [host, port] = address.split(':');
  return new Promise((resolve, reject) => {
    const socket = connect(
      {
        ...{ host, port: Number(port), cert, key, ca: authority.certificate },
        ...{ checkServerIdentity: () => undefined, ALPNProtocols: ['h2'] },
      },
      () => {
        const shown = socket.getPeerX509Certificate()?.toString();
        socket.destroy();
        resolve(shown ?? '');
      },
    );
    socket.on('error', reject);
  });
}

const { cancelAuthorization } = OauthBrokerServiceService;

/**
 * A worker that calls a server without a pause, in several lanes, until `stop`, which rejects if one call has failed. The call is a write: one
 * that is lost is not tried again.
 */
async function startLoad(server: string, client: string, metrics: readonly [Registry, Registry]) {
  const seen: string[] = [];
  const { server: running } = await startSecured({
    identity: identityIn(server, 'oauth-broker', { metrics: metrics[0] }),
    maxConnectionAgeMs: 150,
    services: [
      serve(
        { cancelAuthorization },
        {
          async cancelAuthorization(_, { caller }) {
            seen.push(caller?.name ?? '');
            return { authorization: undefined };
          },
        },
        { cancelAuthorization: ['worker'] },
      ),
    ],
  });
  const identity = identityIn(client, 'worker', { metrics: metrics[1] });
  const rpc = createRpcClient({ cancelAuthorization }, running.address, {
    ...{ deadlineMs: 20_000, identity },
  });
  onTestFinished(() => rpc.close());
  let isStopping = false;
  const lanes = Array.from({ length: 8 }, async () => {
    while (!isStopping) await rpc.cancelAuthorization({ authorizationId: 'a', userId: 'u' });
  });
  const load = Promise.all(lanes);
  load.catch(() => undefined);
  /** The last calls all came from this one. */
  const comesFrom = (name: string) =>
    vi.waitFor(() => {
      expect(seen.length).toBeGreaterThan(50);
      expect(new Set(seen.slice(-50))).toEqual(new Set([name]));
    }, 20_000);
  async function stop(): Promise<void> {
    isStopping = true;
    await load;
  }
  return { address: running.address, seen, comesFrom, stop };
}

test('new certificates on both sides take over while calls run, and no call fails', async () => {
  const ofServer = mountSecret(filesOf(issueTo('oauth-broker')));
  const ofClient = mountSecret(filesOf(worker('before')));
  const load = await startLoad(ofServer.directory, ofClient.directory, [
    new Registry(),
    new Registry(),
  ]);
  await load.comesFrom('before');

  const renewed = issueTo('oauth-broker');
  ofServer.swap(filesOf(renewed));
  ofClient.swap(filesOf(worker('after')));
  await vi.waitFor(
    async () => expect(await shownBy(load.address)).toBe(renewed.certificate),
    10_000,
  );
  // The connection that stood has ended by its age, and the next one shows the new certificate.
  await load.comesFrom('after');
  await load.stop();
  expect(new Set(load.seen)).toEqual(new Set(['before', 'after']));
}, 60_000);

test('an authority is replaced in three steps while calls run, and no call fails', async () => {
  const next = createAuthority('Next');
  const both = { 'ca.crt': authority.certificate + next.certificate };
  const ofServer = mountSecret(filesOf(issueTo('oauth-broker')));
  const ofClient = mountSecret(filesOf(worker('before')));
  const metrics = [new Registry(), new Registry()] as const;
  const load = await startLoad(ofServer.directory, ofClient.directory, metrics);
  const used = (count: number) =>
    vi.waitFor(async () => {
      for (const registry of metrics)
        expect(await registry.getSingleMetricAsString('rpc_certificate_reloads_total')).toContain(
          `{outcome="used"} ${count}`,
        );
    }, 10_000);
  await load.comesFrom('before');
  // Both believe both; then both show the new one; then both believe the new one alone.
  ofServer.swap({ ...filesOf(issueTo('oauth-broker')), ...both });
  ofClient.swap({ ...filesOf(worker('before')), ...both });
  await used(1);
  ofServer.swap({ ...filesOf(issueTo('oauth-broker', next), next), ...both });
  ofClient.swap({ ...filesOf(worker('between', next), next), ...both });
  await used(2);
  await load.comesFrom('between');
  ofServer.swap(filesOf(issueTo('oauth-broker', next), next));
  ofClient.swap(filesOf(worker('after', next), next));
  await used(3);
  await load.comesFrom('after');
  await load.stop();
}, 60_000);

test.each<[string, (before: ReturnType<typeof issueTo>) => object, RegExp]>([
  [
    'a key of another certificate',
    (before) => ({ ...filesOf(before), 'tls.key': issueTo('notification').key }),
    /tls\.key is not the key of .*tls\.crt/,
  ],
  [
    'a half written certificate',
    (before) => ({ ...filesOf(before), 'tls.crt': before.certificate.slice(0, 200) }),
    /tls\.crt is no certificate in PEM/,
  ],
  [
    'a half written key',
    (before) => ({ ...filesOf(before), 'tls.key': before.key.slice(0, 60) }),
    /tls\.key is no private key in PEM/,
  ],
  [
    'no key',
    (before) => ({ 'tls.crt': before.certificate, 'ca.crt': authority.certificate }),
    /tls\.key cannot be read \(ENOENT\)/,
  ],
  ['no authority', (before) => ({ ...filesOf(before), 'ca.crt': '' }), /ca\.crt holds no certif/],
  [
    'a certificate of another service',
    () => filesOf(issueTo('source-registry')),
    /tls\.crt does not name notification/,
  ],
  [
    'an expired certificate',
    () =>
      filesOf(
        authority.issueFor(
          { dns: ['notification'] },
          { validFromMs: Date.now() - 2 * hourMs, lifeMs: hourMs },
        ),
      ),
    /tls\.crt has expired at/,
  ],
])(
  '%s changes nothing, is told until it is mended, and keeps a start from happening',
  async (_, broken, told) => {
    const before = issueTo('notification');
    const secret = mountSecret(filesOf(before));
    const metrics = new Registry();
    const identity = identityIn(secret.directory, 'notification', { metrics });
    const { server } = await startSecured({ identity });
    expect(identity.problem()).toBeUndefined();

    secret.swap(broken(before));
    await vi.waitFor(() => expect(identity.problem()).toMatch(told));
    expect(await shownBy(server.address)).toBe(before.certificate);
    expect(identity.lines.filter(({ level }) => level === 50)).toHaveLength(1);
    expect(JSON.stringify(identity.lines)).not.toContain('PRIVATE KEY');
    expect(await metrics.metrics()).toContain('rpc_certificate_reloads_total{outcome="refused"} 1');
    expect(() => identityIn(secret.directory, 'notification')).toThrow(
      expect.objectContaining({
        code: 'RPC_CERTIFICATE_UNUSABLE',
        message: expect.stringMatching(told),
      }),
    );

    const after = issueTo('notification');
    secret.swap(filesOf(after));
    await vi.waitFor(async () => expect(await shownBy(server.address)).toBe(after.certificate));
    expect(identity.problem()).toBeUndefined();
  },
);

test('when the certificate in use expires is a metric, and that it has expired is told', async () => {
  const lifeMs = hourMs;
  const validFromMs = Date.now() - lifeMs + 3_000;
  const brief = authority.issueFor({ dns: ['notification'] }, { validFromMs, lifeMs });
  const metrics = new Registry();
  const { directory } = mountSecret(filesOf(brief));
  const identity = identityIn(directory, 'notification', { metrics, reloadMs: hourMs });
  const until = Math.floor((validFromMs + lifeMs) / 1000);
  expect(await metrics.metrics()).toContain(`rpc_certificate_expiry_seconds ${until}`);
  vi.useFakeTimers({ toFake: ['Date'], now: validFromMs + lifeMs + 1_000 });
  onTestFinished(() => void vi.useRealTimers());
  expect(identity.problem()).toBe('the certificate in use has expired');
});
