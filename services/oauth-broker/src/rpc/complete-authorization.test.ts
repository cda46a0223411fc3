import { AcquireLeaseRequest_Purpose } from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import { CredentialStatus } from '@credential-renewal/proto/events/v1/credential';
import { Authorization_Status as Status } from '@credential-renewal/proto/oauth_broker/v1/oauth_broker';
import { expect, test } from 'vitest';
import { begin, beginFirst, beginRenewal, complete } from '../testing/authorize.ts';
import {
  type BrokerUnderTest,
  newBrowserSecret,
  startBrokerUnderTest,
} from '../testing/broker-under-test.ts';
import { idToken, json } from '../testing/scripted-provider.ts';

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

test('a renewal ends a running refresh’s claim before it spends the code', async () => {
  await using broker = await startBrokerUnderTest();
  const begun = await beginRenewal(broker);
  const credential = broker.vault.credentials.get(begun.credentialId);
  if (credential) credential.heldUntilMs = broker.clock.nowMs() + 60_000;
  const query = broker.provider.consent(begun.redirectUrl);
  const { authorization } = await complete(broker, begun, query);
  expect(authorization?.status).toBe(Status.SUCCEEDED);
  const names = broker.vault.calls.map(({ name }) => name);
  expect(names.indexOf('acquireLease')).toBeLessThan(names.indexOf('storeCandidate'));
  expect(broker.vault.calls.find(({ name }) => name === 'acquireLease')?.request).toMatchObject({
    purpose: AcquireLeaseRequest_Purpose.RENEWAL,
  });
});

test('a renewal gives its lease back however it ended, so the next one need not wait', async () => {
  await using broker = await startBrokerUnderTest();
  const begun = await beginRenewal(broker);
  await complete(broker, begun, broker.provider.consent(begun.redirectUrl, { subject: 'mallory' }));
  expect(broker.vault.credentials.get(begun.credentialId)?.heldUntilMs).toBe(0);
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

test.each([
  ['the code is refused', json(400, { error: 'invalid_grant' }), 'CODE_REFUSED'],
  ['our client is refused', json(401, { error: 'invalid_client' }), 'CLIENT_REFUSED'],
  ['the provider fails', json(500, {}), 'PROVIDER_UNAVAILABLE'],
  ['the answer has no token', json(200, {}), 'PROVIDER_UNAVAILABLE'],
])(
  '%s: it failed with a sentence, and the stored credential is as before',
  async (_, answer, errorCode) => {
    await using broker = await startBrokerUnderTest();
    const begun = await beginRenewal(broker);
    broker.provider.answerNext('/token', answer);
    const query = broker.provider.consent(begun.redirectUrl);
    const { authorization } = await complete(broker, begun, query);
    expect(authorization).toMatchObject({ status: Status.FAILED, errorCode });
    expect(authorization?.errorText).toContain('Orchard Drive');
    expect(broker.vault.credentials.get(begun.credentialId)?.accessToken).toBe('at-first');
    expect(broker.provider.count('/token')).toBe(1);
  },
);

test('a token that the provider itself refuses is dropped', async () => {
  await using broker = await startBrokerUnderTest();
  const begun = await beginRenewal(broker);
  broker.provider.answerNext('/userinfo', json(401, {}));
  const query = broker.provider.consent(begun.redirectUrl);
  const { authorization } = await complete(broker, begun, query);
  expect(authorization).toMatchObject({ status: Status.FAILED, errorCode: 'IDENTITY_REFUSED' });
  expect(broker.vault.candidates.size).toBe(0);
});

test('a vault that is away for a moment does not cost the code', async () => {
  await using broker = await startBrokerUnderTest();
  const begun = await beginFirst(broker);
  broker.vault.down.add('storeCandidate');
  const completing = complete(broker, begun, broker.provider.consent(begun.redirectUrl));
  await expect.poll(() => broker.vault.count('storeCandidate')).toBeGreaterThan(0);
  broker.vault.down.clear();
  expect((await completing).authorization?.status).toBe(Status.SUCCEEDED);
  expect(broker.provider.count('/token')).toBe(1);
});

test('a credential that was disconnected meanwhile has nothing to renew, and the code is not spent', async () => {
  await using broker = await startBrokerUnderTest();
  const begun = await beginRenewal(broker);
  broker.vault.credentials.delete(begun.credentialId);
  const query = broker.provider.consent(begun.redirectUrl);
  const { authorization } = await complete(broker, begun, query);
  expect(authorization).toMatchObject({ status: Status.FAILED, errorCode: 'CREDENTIAL_GONE' });
  expect(broker.provider.count('/token')).toBe(0);
});

test.each([
  ['the tokens', 'INTERRUPTED', ({ vault }: BrokerUnderTest) => vault.candidates.clear()],
  ['the credential', 'CREDENTIAL_GONE', ({ vault }: BrokerUnderTest) => vault.credentials.clear()],
])('%s gone between exchange and commit: it failed and says so', async (_, errorCode, lose) => {
  await using broker = await startBrokerUnderTest();
  const begun = await beginRenewal(broker);
  broker.provider.answerNext('/userinfo', async (response, request) => {
    lose(broker);
    await json(200, { sub: 'ada', email: 'ada@acme.example' })(response, request);
  });
  const query = broker.provider.consent(begun.redirectUrl);
  const { authorization } = await complete(broker, begun, query);
  expect(authorization).toMatchObject({ status: Status.FAILED, errorCode });
  expect(broker.vault.candidates.size).toBe(0);
});

test('a source that was deleted meanwhile leaves no grant behind', async () => {
  await using broker = await startBrokerUnderTest();
  const begun = await beginFirst(broker);
  broker.registry.sources.delete('reports');
  const query = broker.provider.consent(begun.redirectUrl);
  const { authorization } = await complete(broker, begun, query);
  expect(authorization).toMatchObject({ status: Status.FAILED, errorCode: 'SOURCE_GONE' });
  await expect.poll(() => broker.provider.count('/revoke')).toBe(1);
  await expect.poll(() => broker.vault.credentials.size).toBe(0);
});

test('turning back before leaving is final, and only its user may', async () => {
  await using broker = await startBrokerUnderTest();
  const begun = await beginFirst(broker);
  const cancel = (userId: string) =>
    broker.rpc.cancelAuthorization({ authorizationId: begun.id, userId });
  await expect(cancel('max')).rejects.toMatchObject({ code: 'AUTHORIZATION_NOT_FOUND' });
  const { authorization } = await cancel('ada');
  expect(authorization).toMatchObject({ status: Status.CANCELLED, errorCode: 'CANCELLED' });
  const query = broker.provider.consent(begun.redirectUrl);
  await expect(complete(broker, begun, query)).rejects.toMatchObject({
    code: 'AUTHORIZATION_ENDED',
  });
  await expect(
    broker.rpc.getAuthorization({ authorizationId: begun.id, userId: 'max' }),
  ).rejects.toMatchObject({ kind: 'not_found' });
});

const openId = (entry: Record<string, unknown>) => ({ ...entry, scopes: { always: ['openid'] } });

test('an authorization survives a restart of the broker between leaving and coming back', async () => {
  await using broker = await startBrokerUnderTest();
  const begun = await beginFirst(broker);
  await broker.restart((entry) => entry);
  const query = broker.provider.consent(begun.redirectUrl);
  expect((await complete(broker, begun, query)).authorization?.status).toBe(Status.SUCCEEDED);
});

test('discovery happens once, when a provider is first needed', async () => {
  await using broker = await startBrokerUnderTest({
    entry: ({ endpoints: _, issuerParameter: __, ...entry }) => entry,
  });
  const { origin } = broker.provider;
  expect(broker.provider.requests).toEqual([]);
  await expect(beginFirst(broker)).rejects.toMatchObject({ code: 'PROVIDER_UNAVAILABLE' });
  broker.provider.answerNext(
    '/.well-known/openid-configuration',
    json(200, {
      issuer: origin,
      authorization_endpoint: `${origin}/authorize`,
      token_endpoint: `${origin}/token`,
      userinfo_endpoint: `${origin}/userinfo`,
      authorization_response_iss_parameter_supported: true,
    }),
  );
  const begun = await beginFirst(broker);
  const query = broker.provider.consent(begun.redirectUrl);
  expect((await complete(broker, begun, query)).authorization?.status).toBe(Status.SUCCEEDED);
  expect(broker.provider.count('/.well-known/openid-configuration')).toBe(2);
});

test('an ID token has to carry the nonce of this browser', async () => {
  await using broker = await startBrokerUnderTest({ entry: openId });
  const good = await beginFirst(broker);
  const query = broker.provider.consent(good.redirectUrl);
  expect((await complete(broker, good, query)).authorization?.status).toBe(Status.SUCCEEDED);
  const replayed = await beginFirst(broker, 'another');
  broker.provider.answerNext(
    '/token',
    json(200, {
      access_token: 'at',
      id_token: idToken({ iss: broker.provider.origin, sub: 'ada', nonce: 'of another' }),
    }),
  );
  const { authorization } = await complete(
    broker,
    replayed,
    broker.provider.consent(replayed.redirectUrl),
  );
  expect(authorization?.status).toBe(Status.FAILED);
  expect(broker.vault.candidates.size).toBe(0);
});

test('an identity answer about another subject than the ID token is not used', async () => {
  await using broker = await startBrokerUnderTest({ entry: openId });
  const begun = await beginFirst(broker);
  broker.provider.answerNext('/userinfo', json(200, { sub: 'mallory', email: 'm@x.example' }));
  const query = broker.provider.consent(begun.redirectUrl);
  const { authorization } = await complete(broker, begun, query);
  expect(authorization).toMatchObject({ status: Status.FAILED, errorCode: 'IDENTITY_MISMATCH' });
});
