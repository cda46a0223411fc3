import { once } from 'node:events';
import type { CloudEvent } from '@credential-renewal/events';
import { Failure_Kind } from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import { CredentialStatus } from '@credential-renewal/proto/events/v1/credential';
import { durationFromMs } from '@credential-renewal/rpc';
import { expect, test } from 'vitest';
import { beginFirst, complete } from '../testing/authorize.ts';
import {
  type BrokerOptions,
  type BrokerUnderTest,
  startBrokerUnderTest,
} from '../testing/broker-under-test.ts';
import { json } from '../testing/scripted-provider.ts';

/** A broker with one source that was authorized at the real provider. */
async function withSource(options: BrokerOptions = {}) {
  const broker = await startBrokerUnderTest(options);
  const begun = await beginFirst(broker);
  await complete(broker, begun, broker.provider.consent(begun.redirectUrl));
  const [credential] = broker.vault.credentials.values();
  if (!credential) throw new Error('the authorization did not succeed');
  broker.vault.calls.length = 0;
  broker.registry.calls.length = 0;
  return { broker, credential };
}

function read(
  { rpc }: BrokerUnderTest,
  wishes: { minimumLifeMs?: number; accountId?: string; deadlineMs?: number } = {},
) {
  const { deadlineMs = 10_000 } = wishes;
  const request = {
    accountId: wishes.accountId ?? 'acme',
    target: { $case: 'sourceId', value: 'reports' },
    minimumRemainingLife:
      wishes.minimumLifeMs === undefined ? undefined : durationFromMs(wishes.minimumLifeMs),
    worker: 'sync',
  } as const;
  return rpc.getAccessToken(request, { deadlineMs });
}

const refreshes = ({ provider }: BrokerUnderTest) => provider.count('/token', 'refresh_token');

function stateEvent(credentialId: string, data: CloudEvent['data']): CloudEvent {
  return {
    id: 'e',
    source: '/credential-vault',
    type: 'credential.state',
    subject: credentialId,
    time: '2026-01-01T00:00:00Z',
    dataschema: 'credential-renewal:events.v1.CredentialState',
    partitionkey: credentialId,
    sequence: '1',
    data,
  };
}

test('a fresh read asks nobody: no RPC, no provider call', async () => {
  const { broker } = await withSource();
  await using _ = broker;
  const first = await read(broker);
  broker.vault.calls.length = 0;
  broker.registry.calls.length = 0;
  const requests = broker.provider.requests.length;
  expect(await read(broker)).toEqual(first);
  expect(broker.vault.calls).toEqual([]);
  expect(broker.registry.calls).toEqual([]);
  expect(broker.provider.requests).toHaveLength(requests);
  const metric = await broker.metrics.getSingleMetricAsString('access_token_reads_total');
  expect(metric).toContain('access_token_reads_total{worker="sync",source="cache"} 1');
});

test('fifty callers that wait for one dying token make one token request', async () => {
  const { broker } = await withSource();
  await using _ = broker;
  broker.clock.advance(3_590_000);
  const answers = await Promise.all(Array.from({ length: 50 }, () => read(broker)));
  expect(new Set(answers.map(({ accessToken }) => accessToken)).size).toBe(1);
  expect(refreshes(broker)).toBe(1);
  // They share one attempt; only a caller that reads after it has ended may ask for a lease again.
  expect(broker.vault.count('acquireLease')).toBeLessThan(10);
});

test('the new refresh token is stored before the access token is handed out', async () => {
  const { broker, credential } = await withSource();
  await using _ = broker;
  const before = credential.refreshToken;
  broker.vault.down.add('completeAttempt');
  broker.clock.advance(3_600_000);
  let handedOut = false;
  const reading = read(broker).then((answer) => {
    handedOut = true;
    return answer;
  });
  await expect.poll(() => broker.vault.count('completeAttempt')).toBeGreaterThan(1);
  expect(handedOut).toBe(false);
  expect(credential.refreshToken).toBe(before);
  broker.vault.down.clear();
  const { accessToken } = await reading;
  expect(credential).toMatchObject({ accessToken });
  expect(credential.refreshToken).not.toBe(before);
  expect(refreshes(broker)).toBe(1);
});

test('somebody else’s source and credential are not found', async () => {
  const { broker, credential } = await withSource();
  await using _ = broker;
  await read(broker);
  await expect(read(broker, { accountId: 'globex' })).rejects.toMatchObject({ kind: 'not_found' });
  await expect(
    broker.rpc.getAccessToken({
      accountId: 'globex',
      target: { $case: 'credentialId', value: credential.id },
      minimumRemainingLife: undefined,
      worker: 'sync',
    }),
  ).rejects.toMatchObject({ kind: 'not_found', code: 'CREDENTIAL_NOT_FOUND' });
});

test('a provider in trouble: the stored token is served while it lives, then the trouble is told', async () => {
  const { broker, credential } = await withSource();
  await using _ = broker;
  const { accessToken } = credential;
  broker.clock.advance(3_550_000);
  broker.provider.answerNext('/token', json(503, {}));
  expect(await read(broker)).toMatchObject({ accessToken });
  broker.clock.advance(60_000);
  broker.provider.answerNext('/token', json(503, {}));
  await expect(read(broker)).rejects.toMatchObject({
    kind: 'unavailable',
    code: 'TOKEN_NOT_AVAILABLE',
    retryAfterMs: 5_000,
  });
});

test('a dead grant is told as expired', async () => {
  const { broker } = await withSource();
  await using _ = broker;
  broker.provider.withdraw('ada');
  broker.clock.advance(3_600_000);
  await expect(read(broker)).rejects.toMatchObject({
    kind: 'failed_precondition',
    code: 'CREDENTIAL_EXPIRED',
  });
});

test('while the vault is away a cached token serves to the end of its safe life', async () => {
  const { broker } = await withSource();
  await using _ = broker;
  const { accessToken } = await read(broker);
  broker.vault.down.add('*');
  broker.registry.down.add('*');
  broker.clock.advance(3_580_000);
  expect(await read(broker)).toMatchObject({ accessToken });
  broker.clock.advance(15_000);
  await expect(read(broker)).rejects.toMatchObject({ code: 'TOKEN_NOT_AVAILABLE' });
});

test('while the vault and the registry take calls and never answer, a cached token is served long before their deadlines', async () => {
  const { broker } = await withSource();
  await using _ = broker;
  const { accessToken } = await read(broker);
  broker.vault.calls.length = 0;
  broker.vault.silent.add('*');
  broker.registry.silent.add('*');
  // Neither what is known of the source nor the token is fresh any more; then the token has less life than is asked for.
  for (const ms of [6 * 60_000, 3_580_000 - 6 * 60_000]) {
    broker.clock.advance(ms);
    const answer = await read(broker, { deadlineMs: 4_000 });
    expect(answer).toMatchObject({ accessToken });
  }
  expect(broker.vault.count('readAccessToken')).toBe(2);
});

test('a newer credential.state drops the cached token, an older one does not', async () => {
  const { broker, credential } = await withSource();
  await using _ = broker;
  await read(broker);
  broker.vault.calls.length = 0;
  const version = (state: bigint) => ({ credentialId: credential.id, version: String(state) });
  await broker.publish(stateEvent(credential.id, version(credential.version)));
  await read(broker);
  expect(broker.vault.count('readAccessToken')).toBe(0);
  credential.version += 1n;
  await broker.publish(stateEvent(credential.id, version(credential.version)));
  await read(broker);
  expect(broker.vault.count('readAccessToken')).toBe(1);
});

test('a caller waits for a lease that another replica holds', async () => {
  const { broker, credential } = await withSource();
  await using _ = broker;
  broker.clock.advance(3_600_000);
  credential.heldUntilMs = broker.clock.nowMs() + 60_000;
  const reading = read(broker);
  await expect.poll(() => broker.vault.count('acquireLease')).toBeGreaterThan(1);
  Object.assign(credential, {
    accessToken: 'at-of-the-other-replica',
    accessExpiresAtMs: broker.clock.nowMs() + 3_600_000,
  });
  expect(await reading).toMatchObject({ accessToken: 'at-of-the-other-replica' });
  expect(refreshes(broker)).toBe(0);
});

test('a source that was never authorized is pending', async () => {
  await using broker = await startBrokerUnderTest();
  broker.registry.add({ id: 'reports' });
  await expect(read(broker)).rejects.toMatchObject({
    kind: 'failed_precondition',
    code: 'SOURCE_PENDING',
  });
});

test('a rejected token of a dead grant is expired by the time the report is answered', async () => {
  const { broker, credential } = await withSource();
  await using _ = broker;
  const { tokenHash } = await read(broker);
  broker.provider.withdraw('ada');
  const report = await broker.rpc.reportRejectedToken({
    accountId: 'acme',
    target: { $case: 'sourceId', value: 'reports' },
    tokenHash,
    worker: 'sync',
  });
  expect(report).toMatchObject({ accepted: true, state: { status: CredentialStatus.EXPIRED } });
  expect(credential.status).toBe(CredentialStatus.EXPIRED);
  await expect(read(broker)).rejects.toMatchObject({ code: 'CREDENTIAL_EXPIRED' });
});

test('a report about an older token changes nothing, and another account may not report', async () => {
  const { broker, credential } = await withSource();
  await using _ = broker;
  const { accessToken } = await read(broker);
  const report = {
    target: { $case: 'credentialId', value: credential.id } as const,
    worker: 'sync',
  };
  const older = await broker.rpc.reportRejectedToken({
    ...report,
    accountId: 'acme',
    tokenHash: 'x'.repeat(43),
  });
  expect(older.accepted).toBe(false);
  await expect(
    broker.rpc.reportRejectedToken({ ...report, accountId: 'globex', tokenHash: 'x'.repeat(43) }),
  ).rejects.toMatchObject({ kind: 'not_found' });
  expect(await read(broker)).toMatchObject({ accessToken });
  expect(refreshes(broker)).toBe(0);
});

test('a due credential is refreshed by the sweep, ahead of anybody who asks', async () => {
  const { broker, credential } = await withSource({ config: { sweepIntervalMs: 20 } });
  await using _ = broker;
  const before = credential.accessToken;
  credential.due = true;
  await expect.poll(() => credential.accessToken).not.toBe(before);
  expect(refreshes(broker)).toBe(1);
});

test('a credential without refresh token is kept by its identity call, and dies by it', async () => {
  const { broker, credential } = await withSource({
    config: { sweepIntervalMs: 20 },
    provider: { refreshTokens: false },
    entry: (entry) => ({ ...entry, verdicts: [{ error: 'invalid_token', class: 'dead' }] }),
  });
  await using _ = broker;
  const identityCalls = broker.provider.count('/userinfo');
  credential.due = true;
  await expect.poll(() => broker.provider.count('/userinfo')).toBe(identityCalls + 1);
  await expect.poll(() => credential.due).toBe(false);
  expect(credential.status).toBe(CredentialStatus.HEALTHY);
  broker.provider.withdraw('ada');
  credential.due = true;
  await expect.poll(() => credential.status).toBe(CredentialStatus.EXPIRED);
});

test('stopping waits for a running token request and stores what it brings', async () => {
  const { broker, credential } = await withSource({ config: { sweepIntervalMs: 20 } });
  await using _ = broker;
  const before = credential.refreshToken;
  const arrived = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  broker.provider.answerNext('/token', async (response, request) => {
    arrived.resolve();
    await release.promise;
    await json(200, { access_token: 'at-late', token_type: 'bearer', refresh_token: 'rt-late' })(
      response,
      request,
    );
    await once(response, 'close');
  });
  credential.due = true;
  await arrived.promise;
  const stopping = broker.stop();
  release.resolve();
  await stopping;
  expect(before).not.toBe('rt-late');
  expect(credential).toMatchObject({ accessToken: 'at-late', refreshToken: 'rt-late' });
});

test('a tombstone and an unreadable state drop the cached token', async () => {
  const { broker, credential } = await withSource();
  await using _ = broker;
  for (const data of [{ version: 'no number' }, null]) {
    await read(broker);
    await broker.publish(stateEvent(credential.id, data));
    broker.vault.calls.length = 0;
    await read(broker);
    expect(broker.vault.count('readAccessToken')).toBe(1);
  }
});

test('a provider in trouble that the vault leaves alone costs no waiting', async () => {
  const { broker, credential } = await withSource();
  await using _ = broker;
  broker.clock.advance(3_600_000);
  credential.heldUntilMs = broker.clock.nowMs() + 60_000;
  broker.vault.heldRetryAfterMs = 120_000;
  await expect(read(broker)).rejects.toMatchObject({
    code: 'TOKEN_NOT_AVAILABLE',
    retryAfterMs: 120_000,
  });
  expect(broker.vault.count('acquireLease')).toBe(1);
});

test('a credential whose provider left the catalogue is told to the vault as our trouble', async () => {
  const { broker, credential } = await withSource({ config: { sweepIntervalMs: 20 } });
  await using _ = broker;
  await broker.restart((entry) => ({ ...entry, id: 'another' }));
  credential.due = true;
  await expect.poll(() => credential.status).toBe(CredentialStatus.DELAYED);
  const attempt = broker.vault.calls.find(({ name }) => name === 'completeAttempt');
  expect(attempt?.request).toMatchObject({
    policy: { providerId: 'orchard' },
    outcome: {
      value: { kind: Failure_Kind.CLIENT_MISCONFIGURED, error: 'client_not_in_catalogue' },
    },
  });
});

test('a refusal of our own client is told to the operator: an error in the log, and a class in the metrics', async () => {
  const { broker, credential } = await withSource({ config: { sweepIntervalMs: 20 } });
  await using _ = broker;
  broker.provider.answerNext('/token', json(401, { error: 'invalid_client' }));
  credential.due = true;
  await expect.poll(() => broker.vault.count('completeAttempt')).toBe(1);
  const lines = broker.logLines.map((line) => JSON.parse(line));
  expect(lines).toContainEqual(
    expect.objectContaining({
      level: 50,
      provider: 'orchard',
      credential_id: credential.id,
      error: 'invalid_client',
      http_status: 401,
    }),
  );
  const metric = await broker.metrics.getSingleMetricAsString('refresh_attempts_total');
  expect(metric).toContain('{provider="orchard",outcome="client_refused"} 1');
});

test('after a 429 the provider is left alone for as long as it asked', async () => {
  const { broker, credential } = await withSource({ config: { sweepIntervalMs: 20 } });
  await using _ = broker;
  broker.provider.answerNext('/token', json(429, {}, { 'retry-after': '600' }));
  credential.due = true;
  await expect.poll(() => broker.vault.count('completeAttempt')).toBe(1);
  credential.due = true;
  await expect
    .poll(() => broker.metrics.getSingleMetricAsString('refresh_attempts_waiting'))
    .toContain('refresh_attempts_waiting 1');
  expect(refreshes(broker)).toBe(1);
});

test('bad input names every field', async () => {
  await using broker = await startBrokerUnderTest();
  await expect(
    broker.rpc.getAccessToken({
      accountId: '',
      target: undefined,
      minimumRemainingLife: durationFromMs(-1),
      worker: '',
    }),
  ).rejects.toMatchObject({
    kind: 'invalid_argument',
    violations: [
      { field: 'account_id' },
      { field: 'target' },
      { field: 'minimum_remaining_life' },
      { field: 'worker' },
    ],
  });
});
