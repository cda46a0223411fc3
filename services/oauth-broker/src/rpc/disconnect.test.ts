import { CredentialStatus } from '@credential-renewal/proto/events/v1/credential';
import { expect, test } from 'vitest';
import { type BrokerUnderTest, startBrokerUnderTest } from '../testing/broker-under-test.ts';
import { json } from '../testing/scripted-provider.ts';

function markDeleting({ vault, registry }: BrokerUnderTest, lastUse: boolean): string {
  const credential = vault.add({ refreshToken: 'rt-to-revoke' });
  registry.add({ id: 'reports', credentialId: credential.id });
  registry.deleting.push({
    use: { $case: 'sourceId', value: 'reports' },
    credentialId: credential.id,
    lastUse,
    userId: 'ada',
    credentialVersion: 0n,
  });
  return credential.id;
}

const disconnect = ({ rpc }: BrokerUnderTest, sourceId = 'reports') =>
  rpc.disconnect({ use: { $case: 'sourceId', value: sourceId }, userId: 'ada' });

test('the last use revokes at the provider and then lets the credential go', async () => {
  await using broker = await startBrokerUnderTest();
  const credentialId = markDeleting(broker, true);
  await disconnect(broker);
  expect(broker.registry.deleting).toEqual([]);
  await expect.poll(() => broker.vault.credentials.has(credentialId)).toBe(false);
  const [revocation] = broker.provider.requests.filter(({ path }) => path === '/revoke');
  expect(Object.fromEntries(revocation?.form ?? [])).toMatchObject({
    token: 'rt-to-revoke',
    token_type_hint: 'refresh_token',
  });
});

test('a use that is not the last leaves the credential alone', async () => {
  await using broker = await startBrokerUnderTest();
  const credentialId = markDeleting(broker, false);
  await disconnect(broker);
  expect(broker.registry.deleting).toEqual([]);
  expect(broker.vault.credentials.get(credentialId)?.status).toBe(CredentialStatus.HEALTHY);
  expect(broker.provider.count('/revoke')).toBe(0);
});

test('without the registry’s mark nothing is disconnected', async () => {
  await using broker = await startBrokerUnderTest();
  const credential = broker.vault.add({});
  broker.registry.add({ id: 'reports', credentialId: credential.id });
  await disconnect(broker);
  expect(credential.status).toBe(CredentialStatus.HEALTHY);
  expect(broker.registry.sources.has('reports')).toBe(true);
});

test('a credential that something else has just joined is kept, and who uses it is asked again', async () => {
  await using broker = await startBrokerUnderTest({ config: { sweepIntervalMs: 20 } });
  const credentialId = markDeleting(broker, true);
  broker.vault.joinedJustNow.add(credentialId);
  await disconnect(broker);
  await expect.poll(() => broker.vault.count('startRevocation')).toBeGreaterThan(2);
  expect(broker.vault.credentials.get(credentialId)?.status).toBe(CredentialStatus.HEALTHY);
  expect(broker.registry.deleting).toHaveLength(1);
  broker.vault.joinedJustNow.clear();
  await expect.poll(() => broker.vault.credentials.has(credentialId)).toBe(false);
  expect(broker.registry.deleting).toEqual([]);
  expect(broker.logLines.join('')).not.toContain('could not be finished');
});

test('an interrupted deletion is finished by the sweep', async () => {
  await using broker = await startBrokerUnderTest({ config: { sweepIntervalMs: 20 } });
  const credentialId = markDeleting(broker, true);
  await expect.poll(() => broker.vault.credentials.has(credentialId)).toBe(false);
  expect(broker.registry.sources.has('reports')).toBe(false);
});

test('a provider that answers 503 is asked again later and the tokens are kept', async () => {
  await using broker = await startBrokerUnderTest();
  broker.provider.answerNext('/revoke', json(503, {}, { 'retry-after': '7' }));
  const credentialId = markDeleting(broker, true);
  await disconnect(broker);
  await expect.poll(() => broker.vault.count('completeRevocation')).toBe(1);
  expect(broker.vault.calls.find(({ name }) => name === 'completeRevocation')?.request).toEqual({
    credentialId,
    outcome: { $case: 'postponed', value: { retryAfter: { seconds: 7n, nanos: 0 } } },
  });
  expect(broker.vault.credentials.has(credentialId)).toBe(true);
});

test('a provider without revocation lets the credential go with a log line', async () => {
  await using broker = await startBrokerUnderTest({
    entry: (entry) => ({
      ...entry,
      endpoints: { ...(entry['endpoints'] as object), revocation: undefined },
    }),
  });
  const credentialId = markDeleting(broker, true);
  await disconnect(broker);
  await expect.poll(() => broker.vault.credentials.has(credentialId)).toBe(false);
  expect(broker.logLines.join('')).toContain('offers no revocation');
});
