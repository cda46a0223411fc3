import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Authorization_Status as Status } from '@credential-renewal/proto/oauth_broker/v1/oauth_broker';
import { expect, test } from 'vitest';
import { begin, beginFirst, beginRenewal, complete } from './testing/authorize.ts';
import { startBrokerUnderTest } from './testing/broker-under-test.ts';
import { json } from './testing/scripted-provider.ts';

// What a client has to do (RFC 9700, 9207, 7636, 7009), by the numbers of docs/security.md, which says where the other lines are tested.

test('2, 6: the code flow with S256 and a fresh verifier each time, never the implicit one', async () => {
  await using broker = await startBrokerUnderTest();
  const first = await beginFirst(broker);
  const again = await begin(broker.rpc, first.id);
  const [one, two] = [first, again].map(({ redirectUrl }) => new URL(redirectUrl).searchParams);
  expect(one?.get('response_type')).toBe('code');
  expect(one?.get('code_challenge_method')).toBe('S256');
  expect(one?.get('code_challenge')).toMatch(/^[\w-]{43}$/);
  expect(one?.get('code_challenge')).not.toBe(two?.get('code_challenge'));
  expect(one?.get('state')).not.toBe(two?.get('state'));
  await complete(broker, again, broker.provider.consent(again.redirectUrl));
  const [exchange] = broker.provider.requests.filter(({ path }) => path === '/token');
  const verifier = exchange?.form.get('code_verifier') ?? '';
  expect(createHash('sha256').update(verifier).digest('base64url')).toBe(
    two?.get('code_challenge'),
  );
});

test('3: a provider whose token endpoint changed in the meantime gets no code', async () => {
  await using broker = await startBrokerUnderTest();
  const begun = await beginFirst(broker);
  const query = broker.provider.consent(begun.redirectUrl);
  await broker.restart((entry) => ({
    ...entry,
    endpoints: { ...(entry['endpoints'] as object), token: `${broker.provider.origin}/other` },
  }));
  const { authorization } = await complete(broker, begun, query);
  expect(authorization).toMatchObject({ status: Status.FAILED, errorCode: 'PROVIDER_CHANGED' });
  expect(broker.provider.count('/token') + broker.provider.count('/other')).toBe(0);
});

test('4: the return target is the one that was stored, whatever the callback says', async () => {
  await using broker = await startBrokerUnderTest();
  const begun = await beginFirst(broker);
  const query = `${broker.provider.consent(begun.redirectUrl)}&return_to=https://evil.example`;
  const { authorization } = await complete(broker, begun, query);
  expect(authorization?.returnTo).toBe('/my-sources');
});

test('5, 6: from consent to revocation no request has a secret in its URL or asks with a password', async () => {
  await using broker = await startBrokerUnderTest();
  const { provider } = broker;
  const begun = await beginFirst(broker);
  await complete(broker, begun, provider.consent(begun.redirectUrl));
  broker.clock.advance(3_600_000);
  const { credentialId } = await broker.rpc.getAccessToken({
    ...{ accountId: 'acme', minimumRemainingLife: undefined, worker: 'sync' },
    target: { $case: 'sourceId', value: 'reports' },
  });
  const use = { $case: 'sourceId', value: 'reports' } as const;
  const deleting = { use, credentialId, lastUse: true, userId: 'ada', credentialVersion: 0n };
  broker.registry.deleting.push(deleting);
  await broker.rpc.disconnect({ use, userId: 'ada' });
  await expect.poll(() => provider.count('/revoke')).toBe(1);
  expect(new Set(provider.requests.map(({ url }) => url))).toEqual(
    new Set(['/token', '/userinfo', '/revoke']),
  );
  const grantTypes = provider.requests.map(({ form }) => form.get('grant_type'));
  expect(new Set(grantTypes)).toEqual(new Set(['authorization_code', 'refresh_token', null]));
  const secrets = ['planted-client-secret', begun.browserSecret];
  for (const secret of secrets) expect(begun.redirectUrl).not.toContain(secret);
});

test('7: the client authenticates as its catalogue entry says', async () => {
  for (const [authentication, header, form] of [
    ['client_secret_basic', /^Basic /, null],
    ['client_secret_post', undefined, 'planted-client-secret'],
  ] as const) {
    await using broker = await startBrokerUnderTest({
      entry: (entry) => ({
        ...entry,
        clients: { default: { id: 'our-client', secretFile: 'secret', authentication } },
      }),
    });
    const begun = await beginFirst(broker);
    await complete(broker, begun, broker.provider.consent(begun.redirectUrl));
    const [exchange] = broker.provider.requests.filter(({ path }) => path === '/token');
    if (header) expect(exchange?.authorization).toMatch(header);
    else expect(exchange?.authorization).toBeUndefined();
    expect(exchange?.form.get('client_secret')).toBe(form);
  }
});

test('5, 13: no token, code, state or secret is in a log line, an answer, a metric or a file', async () => {
  await using broker = await startBrokerUnderTest();
  const { provider, rpc } = broker;
  const secrets = new Set(['planted-client-secret']);
  const answers: unknown[] = [];
  const repeatCode: ReturnType<typeof json> = (response, request) =>
    json(400, {
      error: 'invalid_grant',
      error_description: `${request.form.get('code')} is spent`,
    })(response, request);
  for (const fault of [undefined, repeatCode, json(500, {})]) {
    const begun = await beginRenewal(broker);
    secrets.add(begun.state).add(begun.browserSecret);
    const query = provider.consent(begun.redirectUrl);
    secrets.add(new URLSearchParams(query).get('code') ?? '');
    if (fault) provider.answerNext('/token', fault);
    answers.push(await complete(broker, begun, query));
    await complete(broker, begun, query).catch((error: unknown) => answers.push(error));
    await complete(broker, begun, query, { userId: 'max' }).catch((error: unknown) =>
      answers.push(error),
    );
  }
  broker.clock.advance(3_600_000);
  const { accessToken } = await rpc
    .getAccessToken({
      accountId: 'acme',
      target: { $case: 'sourceId', value: 'reports' },
      minimumRemainingLife: undefined,
      worker: 'sync',
    })
    .catch(() => ({ accessToken: '' }));
  for (const credential of broker.vault.credentials.values()) {
    secrets.add(credential.accessToken).add(credential.refreshToken ?? '');
  }
  secrets.add(accessToken).delete('');
  const files = readdirSync(broker.directory)
    .map((name) => join(broker.directory, name))
    .filter((path) => statSync(path).isFile() && !path.endsWith('secret'));
  const haystack = [
    ...broker.logLines,
    JSON.stringify(answers, (_, value) => (typeof value === 'bigint' ? String(value) : value)),
    ...answers.map((answer) =>
      answer instanceof Error ? `${answer.message} ${answer.stack}` : '',
    ),
    await broker.metrics.metrics(),
    ...files.map((path) => readFileSync(path, 'latin1')),
  ].join('\n');
  expect(files.length).toBeGreaterThan(1);
  expect(secrets.size).toBeGreaterThan(10);
  for (const secret of secrets) expect(haystack.includes(secret)).toBe(false);
});
