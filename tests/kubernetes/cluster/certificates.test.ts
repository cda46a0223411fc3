import { X509Certificate } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import type { Authorization } from '@credential-renewal/gateway/http-types';
import { OauthBrokerServiceService } from '@credential-renewal/proto/oauth_broker/v1/oauth_broker';
import { createRpcClient } from '@credential-renewal/rpc';
import { createAuthority } from '@credential-renewal/runtime/testing';
import { afterAll, beforeAll, expect } from 'vitest';
import { top } from '../../check/source-files.ts';
import { startTraffic } from '../../processes/steady-traffic.ts';
import { type Person, signIn } from '../../system/person.ts';
import type { ServiceName } from '../../system/product.ts';
import { until } from '../../system/until.ts';
import { config } from '../config.ts';
import { figure } from '../figure.ts';
import type { Values } from '../helm.ts';
import { secret } from '../kubectl.ts';
import { type KubernetesProduct, startKubernetesProduct } from '../kubernetes-product.ts';
import { enginesTest, lane } from '../kubernetes-test.ts';

const isEncrypted = existsSync(join(top, 'packages/rpc/src/tls'));
const test = isEncrypted ? enginesTest : enginesTest.skip;

/** A kubelet looks for changed Secrets about once a minute. */
const mountedWithinMs = 240_000;
const names = ['credential-vault', 'source-registry', 'oauth-broker', 'notification', 'gateway'];
const serving: Record<ServiceName, string> = {
  vault: 'credential-vault',
  registry: 'source-registry',
  broker: 'oauth-broker',
  notification: 'notification',
};

const authority = createAuthority('Services of a test');
const ofDemoWorld = authority.issue('worker', 'operator');
let issued: Record<string, { certificate: string; key: string }> = {};
let directory: string;
let product: KubernetesProduct;
let ada: Person;

/** A new certificate for each service, as an issuer renews them. */
function issueAll(): Values[] {
  issued = Object.fromEntries(names.map((name) => [name, authority.issue(name)]));
  return Object.entries(issued).map(([name, { certificate, key }]) =>
    secret(`${name}-tls`, {
      'tls.crt': certificate,
      'tls.key': key,
      'ca.crt': authority.certificate,
    }),
  );
}

beforeAll(async () => {
  if (!lane.hasEngines || config.isOff || !isEncrypted) return;
  directory = mkdtempSync(join(tmpdir(), 'cr-certificates-'));
  writeFileSync(join(directory, 'tls.crt'), ofDemoWorld.certificate);
  writeFileSync(join(directory, 'tls.key'), ofDemoWorld.key, { mode: 0o600 });
  writeFileSync(join(directory, 'ca.crt'), authority.certificate);
  const existingSecrets = Object.fromEntries(names.map((name) => [name, `${name}-tls`]));
  product = await startKubernetesProduct(
    { RPC_TLS_DIRECTORY: directory },
    {
      secrets: issueAll(),
      values: { tls: { enabled: true, existingSecrets }, probes: { kind: 'grpc' } },
    },
  );
  await product.demoSourcesMade();
  ada = await signIn(product, 'ada');
});
afterAll(async () => {
  await product?.dispose();
  if (directory) rmSync(directory, { recursive: true, force: true });
});

/** What a service shows to whoever connects next. */
function shownBy(service: ServiceName): Promise<string> {
  const [host = '', port = ''] = product.address(service).split(':');
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect({
    ...{ host, port: Number(port), servername: serving[service], ALPNProtocols: ['h2'] },
    ...{ ca: authority.certificate, cert: ofDemoWorld.certificate, key: ofDemoWorld.key },
  });
  socket.once('secureConnect', () => resolve(socket.getPeerCertificate().fingerprint256));
  socket.once('error', reject);
  return promise.finally(() => socket.destroy());
}

async function podsAndRestarts(): Promise<string[]> {
  const pods = await product.kubectl.get('pods', '--selector', 'app.kubernetes.io/instance=test');
  return pods
    .map(({ metadata, status }) => {
      const restarts = status.containerStatuses.map(
        ({ restartCount }: { restartCount: number }) => restartCount,
      );
      return `${metadata.name} ${restarts}`;
    })
    .sort();
}

test('plaintext is refused where certificates are asked for', async () => {
  const plain = createRpcClient(OauthBrokerServiceService, product.address('broker'), {
    deadlineMs: 5_000,
  });
  await expect(
    plain.listTokenReads({
      ...{ accountId: ada.me.account.id, credentialId: '', pageSize: 1, pageToken: '' },
    } as Parameters<typeof plain.listTokenReads>[0]),
  ).rejects.toMatchObject({ kind: 'unavailable' });
  plain.close();
});

test('renewed certificates are taken up in every pod without a restart, and no call fails', async () => {
  const before = await podsAndRestarts();
  // Not one that a connection backs: that is renewed elsewhere.
  const source = (await ada.mySources()).find(({ name }) => name === 'Support tickets');
  if (!source) throw new Error('the demo world has made no source Support tickets');
  const traffic = startTraffic({
    lists: () => ada.mySources(),
    renewals: async () => {
      const path = `/api/v1/my-sources/${source.id}/renewals`;
      const { id } = await ada.call<Authorization>('POST', path, {});
      await ada.call('POST', `/api/v1/authorizations/${id}/cancel`);
    },
  });
  const beganMs = performance.now();
  await product.kubectl.apply(...issueAll());
  for (const [service, name] of Object.entries(serving) as [ServiceName, string][]) {
    const expected = new X509Certificate(issued[name]?.certificate ?? '').fingerprint256;
    // Each connection goes to either of two pods: ten that agree leave one chance in a thousand.
    await until(async () => {
      for (let look = 0; look < 10; look++) expect(await shownBy(service)).toBe(expected);
    }, mountedWithinMs);
  }
  figure('certificates taken up', `${((performance.now() - beganMs) / 1000).toFixed(0)} s`);
  const answered = traffic.answered();
  await until(() => {
    for (const [one, count] of Object.entries(traffic.answered()))
      expect(count).toBeGreaterThan((answered[one] ?? 0) + 10);
  }, 60_000);
  expect(await traffic.stop()).toEqual([]);
  expect(await podsAndRestarts()).toEqual(before);
});
