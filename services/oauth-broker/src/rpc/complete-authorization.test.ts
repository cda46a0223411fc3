import { CredentialStatus } from '@credential-renewal/proto/events/v1/credential';
import { Authorization_Status as Status } from '@credential-renewal/proto/oauth_broker/v1/oauth_broker';
import { expect, test } from 'vitest';
import {
  type BrokerUnderTest,
  newBrowserSecret,
  startBrokerUnderTest,
} from '../testing/broker-under-test.ts';
import { json } from '../testing/scripted-provider.ts';

type Begun = { id: string; redirectUrl: string; state: string; browserSecret: string };

async function beginFirst({ rpc, registry }: BrokerUnderTest): Promise<Begun> {
  registry.add({ id: 'reports' });
  const { authorization } = await rpc.startAuthorization({
    userId: 'ada',
    use: { $case: 'sourceId', value: 'reports' },
    returnTo: '/my-sources',
  });
  return begin(rpc, authorization?.id ?? '');
}

async function beginRenewal(
  { rpc, registry, vault }: BrokerUnderTest,
  options: { switchIdentity?: boolean } = {},
): Promise<Begun & { credentialId: string }> {
  const credential = vault.add({ status: CredentialStatus.EXPIRED });
  registry.add({ id: 'reports', credentialId: credential.id });
  const { authorization } = await rpc.startRenewal({
    userId: 'ada',
    entryPoint: { $case: 'mySources', value: { sourceId: 'reports' } },
    returnTo: '/my-sources',
    switchIdentity: options.switchIdentity ?? false,
  });
  return { ...(await begin(rpc, authorization?.id ?? '')), credentialId: credential.id };
}

async function begin(rpc: BrokerUnderTest['rpc'], id: string): Promise<Begun> {
  const browserSecret = newBrowserSecret();
  const begun = await rpc.beginAuthorization({
    authorizationId: id,
    userId: 'ada',
    browserSecret,
  });
  return { id, browserSecret, ...begun };
}

function complete(
  { rpc }: BrokerUnderTest,
  begun: Begun,
  callbackQuery: string,
  as: { userId?: string; browserSecret?: string; redirectProviderId?: string } = {},
) {
  return rpc.completeAuthorization({
    callbackQuery,
    userId: 'ada',
    browserSecret: begun.browserSecret,
    ...as,
  });
}

test('a first authorization attaches the new credential before the answer', async () => {
  await using broker = await startBrokerUnderTest();
  const begun = await beginFirst(broker);
  const { authorization } = await complete(
    broker,
    begun,
    broker.provider.consent(begun.redirectUrl),
  );
  expect(authorization).toMatchObject({
    status: Status.SUCCEEDED,
    renewal: false,
    providerAccount: 'a•••@acme.example',
    sourceId: 'reports',
    returnTo: '/my-sources',
  });
  const credentialId = broker.registry.sources.get('reports')?.credentialId ?? '';
  expect(broker.vault.credentials.get(credentialId)).toMatchObject({ identityKey: 'ada' });
  expect(broker.vault.candidates.size).toBe(0);
});

test('a renewal replaces the tokens and tells the registry before the answer', async () => {
  await using broker = await startBrokerUnderTest();
  const begun = await beginRenewal(broker);
  const { authorization } = await complete(
    broker,
    begun,
    broker.provider.consent(begun.redirectUrl),
  );
  expect(authorization).toMatchObject({ status: Status.SUCCEEDED, renewal: true });
  expect(authorization?.heals).toEqual([{ id: 'reports', name: 'Reports' }]);
  expect(broker.vault.credentials.get(begun.credentialId)?.status).toBe(CredentialStatus.HEALTHY);
  expect(broker.registry.count('applyCredentialState')).toBe(1);
});

test('another provider account is refused by its masked name and changes nothing', async () => {
  await using broker = await startBrokerUnderTest();
  const begun = await beginRenewal(broker);
  const query = broker.provider.consent(begun.redirectUrl, { subject: 'mallory' });
  const { authorization } = await complete(broker, begun, query);
  expect(authorization).toMatchObject({
    status: Status.WRONG_ACCOUNT,
    expectedAccount: 'a•••@acme.example',
    actualAccount: 'm•••@acme.example',
  });
  expect(broker.vault.credentials.get(begun.credentialId)?.accessToken).toBe('at-first');
  expect(broker.vault.candidates.size).toBe(0);
  expect(broker.provider.count('/revoke')).toBe(0);
});

test('scopes that were not granted are listed', async () => {
  await using broker = await startBrokerUnderTest();
  const begun = await beginRenewal(broker);
  const query = broker.provider.consent(begun.redirectUrl, { scope: 'profile' });
  const { authorization } = await complete(broker, begun, query);
  expect(authorization).toMatchObject({
    status: Status.INSUFFICIENT_SCOPE,
    missingScopes: ['files.read'],
  });
});

test('of two equal callbacks one exchanges the code and the other is told that it ended', async () => {
  await using broker = await startBrokerUnderTest();
  const begun = await beginFirst(broker);
  const query = broker.provider.consent(begun.redirectUrl);
  const answers = await Promise.allSettled([
    complete(broker, begun, query),
    complete(broker, begun, query),
    complete(broker, begun, query),
  ]);
  expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  for (const answer of answers) {
    if (answer.status === 'rejected') expect(answer.reason.code).toBe('AUTHORIZATION_ENDED');
  }
  expect(broker.provider.count('/token')).toBe(1);
});

test.each([
  ['another user', { userId: 'max' }],
  ['another browser', { browserSecret: newBrowserSecret() }],
])('%s cannot finish it, and the true owner still can', async (_, stranger) => {
  await using broker = await startBrokerUnderTest();
  const begun = await beginFirst(broker);
  const query = broker.provider.consent(begun.redirectUrl);
  await expect(complete(broker, begun, query, stranger)).rejects.toMatchObject({
    kind: 'permission_denied',
    code: 'AUTHORIZATION_NOT_YOURS',
  });
  expect(broker.provider.count('/token')).toBe(0);
  const { authorization } = await complete(broker, begun, query);
  expect(authorization?.status).toBe(Status.SUCCEEDED);
});

test('an unknown state is not found and makes no token request', async () => {
  await using broker = await startBrokerUnderTest();
  const begun = await beginFirst(broker);
  await expect(complete(broker, begun, 'code=x&state=never-made')).rejects.toMatchObject({
    code: 'AUTHORIZATION_NOT_FOUND',
  });
  expect(broker.provider.count('/token')).toBe(0);
});

test.each([
  ['a wrong issuer', { iss: 'https://evil.example' }, {}],
  ['a missing issuer', { iss: null }, {}],
  ['another redirect URI', {}, { redirectProviderId: 'chatter' }],
])('%s ends it without a token request', async (_, consent, as) => {
  await using broker = await startBrokerUnderTest();
  const begun = await beginFirst(broker);
  const query = broker.provider.consent(begun.redirectUrl, consent);
  const { authorization } = await complete(broker, begun, query, as);
  expect(authorization).toMatchObject({ status: Status.FAILED, errorCode: 'PROVIDER_MIXED_UP' });
  expect(broker.provider.count('/token')).toBe(0);
});

test('a provider without iss has a redirect URI of its own, and only that counts', async () => {
  await using broker = await startBrokerUnderTest({
    entry: (entry) => ({ ...entry, issuerParameter: false }),
  });
  const begun = await beginFirst(broker);
  const redirectUri = new URL(begun.redirectUrl).searchParams.get('redirect_uri');
  expect(redirectUri).toBe('http://localhost:3000/oauth/callback/orchard');
  const query = broker.provider.consent(begun.redirectUrl, { iss: null });
  const { authorization } = await complete(broker, begun, query, {
    redirectProviderId: 'orchard',
  });
  expect(authorization?.status).toBe(Status.SUCCEEDED);
});

test('a refused consent is cancelled, another error failed, both without a token request', async () => {
  await using broker = await startBrokerUnderTest();
  for (const [error, status, errorCode] of [
    ['access_denied', Status.CANCELLED, 'CONSENT_DENIED'],
    ['server_error', Status.FAILED, 'PROVIDER_REFUSED'],
  ] as const) {
    const begun = await beginFirst(broker);
    const query = new URLSearchParams({
      error,
      state: begun.state,
      iss: broker.provider.origin,
    }).toString();
    const { authorization } = await complete(broker, begun, query);
    expect(authorization).toMatchObject({ status, errorCode });
  }
  expect(broker.provider.count('/token')).toBe(0);
});

test('after ten minutes it is expired and the callback makes no token request', async () => {
  await using broker = await startBrokerUnderTest();
  const begun = await beginFirst(broker);
  const query = broker.provider.consent(begun.redirectUrl);
  broker.clock.advance(10 * 60_000);
  await expect(complete(broker, begun, query)).rejects.toMatchObject({
    code: 'AUTHORIZATION_ENDED',
  });
  const { authorization } = await broker.rpc.getAuthorization({
    authorizationId: begun.id,
    userId: 'ada',
  });
  expect(authorization?.status).toBe(Status.EXPIRED);
  expect(broker.provider.count('/token')).toBe(0);
});

test('an identity call that fails for a moment asks for no second consent', async () => {
  await using broker = await startBrokerUnderTest();
  const begun = await beginFirst(broker);
  broker.provider.answerNext('/userinfo', json(503, {}));
  broker.provider.answerNext('/userinfo', json(502, {}));
  const query = broker.provider.consent(begun.redirectUrl);
  const { authorization } = await complete(broker, begun, query);
  expect(authorization?.status).toBe(Status.SUCCEEDED);
});

test('an identity call that stays away leaves it pending, and the sweep finishes it', async () => {
  await using broker = await startBrokerUnderTest({ config: { sweepIntervalMs: 20 } });
  const begun = await beginFirst(broker);
  for (let n = 0; n < 4; n += 1) broker.provider.answerNext('/userinfo', json(503, {}));
  const query = broker.provider.consent(begun.redirectUrl);
  const { authorization } = await complete(broker, begun, query);
  expect(authorization?.status).toBe(Status.PENDING);
  broker.clock.advance(60_000);
  await expect
    .poll(async () => {
      const found = await broker.rpc.getAuthorization({ authorizationId: begun.id, userId: 'ada' });
      return found.authorization?.status;
    })
    .toBe(Status.SUCCEEDED);
  expect(broker.registry.sources.get('reports')?.credentialId).toBeDefined();
  expect(broker.provider.count('/token')).toBe(1);
});

test('a registry that is away for a first authorization leaves it pending, and the sweep attaches', async () => {
  await using broker = await startBrokerUnderTest({ config: { sweepIntervalMs: 20 } });
  const begun = await beginFirst(broker);
  broker.registry.down.add('attachCredential');
  const query = broker.provider.consent(begun.redirectUrl);
  const { authorization } = await complete(broker, begun, query);
  expect(authorization?.status).toBe(Status.PENDING);
  broker.registry.down.clear();
  broker.clock.advance(60_000);
  await expect.poll(() => broker.registry.sources.get('reports')?.credentialId).toBeDefined();
  expect(broker.vault.credentials.size).toBe(1);
});

test('begun anew in another browser, the former callback finds nothing', async () => {
  await using broker = await startBrokerUnderTest();
  const former = await beginFirst(broker);
  const newer = await begin(broker.rpc, former.id);
  const formerQuery = broker.provider.consent(former.redirectUrl);
  await expect(complete(broker, former, formerQuery)).rejects.toMatchObject({
    code: 'AUTHORIZATION_NOT_FOUND',
  });
  const query = broker.provider.consent(newer.redirectUrl);
  expect((await complete(broker, newer, query)).authorization?.status).toBe(Status.SUCCEEDED);
});
