import { createLogger } from '@credential-renewal/runtime';
import { expect, onTestFinished, test, vi } from 'vitest';
import { startBrokerUnderTest } from '../testing/broker-under-test.ts';
import { json } from '../testing/scripted-provider.ts';
import { createAttemptLeases } from './attempt-leases.ts';

const patient = { timeout: 20_000 };

const granted = {
  ...{ attempt: 1, refreshToken: 'rt', accessToken: 'at', sentTokenHash: 'h'.repeat(43) },
  ...{ clientId: 'our-client', accountId: 'acme', providerId: 'orchard' },
};

test('the lease for the next request is there before the provider has answered the one before', async () => {
  await using broker = await startBrokerUnderTest({
    config: { sweepIntervalMs: 20, providerConcurrency: 1 },
  });
  const { provider, vault } = broker;
  const answered = Promise.withResolvers<void>();
  provider.answerNext('/token', async (response, request) => {
    await expect.poll(() => vault.count('acquireLease'), patient).toBe(2);
    expect(provider.count('/token')).toBe(1);
    await json(400, { error: 'invalid_grant' })(response, request);
    answered.resolve();
  });
  for (let index = 0; index < 3; index++) vault.add({ due: true });
  await answered.promise;
  await expect.poll(() => vault.count('completeAttempt'), patient).toBe(3);
  expect(vault.count('releaseLease')).toBe(0);
});

test('a lease that finds no place while it still covers a request is given back, and nothing is sent with it', async () => {
  await using broker = await startBrokerUnderTest({
    config: { sweepIntervalMs: 20, providerConcurrency: 1 },
  });
  const { provider, vault } = broker;
  provider.answerNext('/token', async (response, request) => {
    await expect.poll(() => vault.count('acquireLease'), patient).toBe(2);
    await json(429, {}, { 'retry-after': '600' })(response, request);
  });
  const credentials = [vault.add({ due: true }), vault.add({ due: true })];
  await expect.poll(() => vault.count('releaseLease'), patient).toBe(1);
  await expect.poll(() => credentials.map(({ heldUntilMs }) => heldUntilMs)).toEqual([0, 0]);
  expect(vault.count('completeAttempt')).toBe(1);
  expect(provider.count('/token')).toBe(1);
});

test('asking again whether a lease is still held does not make it cover more; one that was granted anew does', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
  let fence = 7n;
  const leaseOf = createAttemptLeases({
    vault: { releaseLease: async () => ({}) },
    calls: () => ({
      acquireLease: async () => ({
        outcome: { $case: 'granted', value: { ...granted, fence } },
      }),
      completeAttempt: () => Promise.reject(new Error('nothing was sent')),
    }),
    logger: createLogger({ service: 'test', level: 'silent' }),
    ...{ random: () => 0, owner: 'broker', leaseTtlMs: 25_000, httpTimeoutMs: 10_000 },
    ending: new AbortController().signal,
  });
  const lease = leaseOf({
    ...{ credentialId: 'one', providerId: 'orchard', purpose: 'scheduled', minimumLifeMs: 0 },
  });
  await lease.acquire();
  expect([lease.isStale(), lease.usableMs()]).toEqual([false, 15_000]);
  vi.advanceTimersByTime(5_000);
  expect([lease.isStale(), lease.usableMs()]).toEqual([true, 10_000]);
  await lease.acquire();
  expect([lease.isStale(), lease.usableMs()]).toEqual([false, 10_000]);
  fence = 9n;
  vi.advanceTimersByTime(1_000);
  await lease.acquire();
  expect([lease.isStale(), lease.usableMs()]).toEqual([false, 15_000]);
});
