import { Authorization_Status as Status } from '@credential-renewal/proto/oauth_broker/v1/oauth_broker';
import { expect, test } from 'vitest';
import { beginFirst, complete } from '../testing/authorize.ts';
import { type BrokerUnderTest, startBrokerUnderTest } from '../testing/broker-under-test.ts';
import { json } from '../testing/scripted-provider.ts';

const statusOf = async ({ rpc }: BrokerUnderTest, authorizationId: string) =>
  (await rpc.getAuthorization({ authorizationId, userId: 'ada' })).authorization;

test('a crash after the exchange asks for no second consent', async () => {
  await using broker = await startBrokerUnderTest({ config: { sweepIntervalMs: 20 } });
  const begun = await beginFirst(broker);
  for (let n = 0; n < 4; n += 1) broker.provider.answerNext('/userinfo', json(500, {}));
  await complete(broker, begun, broker.provider.consent(begun.redirectUrl));
  expect(broker.vault.candidates.size).toBe(1);
  broker.clock.advance(31_000);
  await expect.poll(async () => (await statusOf(broker, begun.id))?.status).toBe(Status.SUCCEEDED);
  expect(broker.vault.candidates.size).toBe(0);
});

test('a crash in the middle of the exchange ends as interrupted', async () => {
  await using broker = await startBrokerUnderTest({ config: { sweepIntervalMs: 20 } });
  const begun = await beginFirst(broker);
  // The code is spent, nothing of it was kept: what a kill -9 during the token request leaves behind.
  const never = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  broker.provider.answerNext('/token', async (response) => {
    asked.resolve();
    await never.promise;
    response.destroy();
  });
  const query = broker.provider.consent(begun.redirectUrl);
  const completing = complete(broker, begun, query);
  await asked.promise;
  broker.clock.advance(31_000);
  await expect.poll(async () => (await statusOf(broker, begun.id))?.errorCode).toBe('INTERRUPTED');
  never.resolve();
  expect((await completing).authorization?.errorCode).toBe('INTERRUPTED');
});

test('who never learns whose access it is gives up after a day and forgets the tokens', async () => {
  await using broker = await startBrokerUnderTest({ config: { sweepIntervalMs: 20 } });
  const begun = await beginFirst(broker);
  for (let n = 0; n < 200; n += 1) broker.provider.answerNext('/userinfo', json(500, {}));
  await complete(broker, begun, broker.provider.consent(begun.redirectUrl));
  broker.clock.advance(24 * 60 * 60_000 + 1);
  await expect
    .poll(async () => (await statusOf(broker, begun.id))?.errorCode)
    .toBe('IDENTITY_UNKNOWN');
  expect(broker.vault.candidates.size).toBe(0);
});

test('a candidate that belongs to no authorization is dropped', async () => {
  await using broker = await startBrokerUnderTest({ config: { sweepIntervalMs: 20 } });
  broker.vault.candidates.set('unknown-transaction', {
    accountId: 'acme',
    credentialId: undefined,
    tokens: {
      ...{ accessToken: 'at', refreshToken: undefined, expiresIn: undefined },
      ...{ refreshExpiresIn: undefined, refreshLifeAbsolute: false, scopes: [] },
      kept: {},
    },
  });
  await expect.poll(() => broker.vault.candidates.size).toBe(0);
});
