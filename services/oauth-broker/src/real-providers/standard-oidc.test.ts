import { CredentialStatus } from '@credential-renewal/proto/events/v1/credential';
import { Authorization_Status as Status } from '@credential-renewal/proto/oauth_broker/v1/oauth_broker';
import { expect, test } from 'vitest';
import { beginFirst, complete } from '../testing/authorize.ts';
import { type BrokerUnderTest, startBrokerUnderTest } from '../testing/broker-under-test.ts';
import { json } from '../testing/scripted-provider.ts';

/** All that an operator writes for a provider that keeps to OpenID Connect. */
const issuerOnly = (entry: Record<string, unknown>) => ({
  id: 'sso',
  name: 'Sign-on',
  issuer: entry['issuer'],
  clients: { default: { id: 'our-client', secretFile: 'secret' } },
  allowPrivateHosts: entry['allowPrivateHosts'],
});

function discoverable({ provider }: BrokerUnderTest, more: object = {}) {
  const at = (path: string) => `${provider.origin}${path}`;
  const metadata = {
    issuer: provider.origin,
    authorization_endpoint: at('/authorize'),
    token_endpoint: at('/token'),
    userinfo_endpoint: at('/userinfo'),
    revocation_endpoint: at('/revoke'),
    authorization_response_iss_parameter_supported: true,
    ...more,
  };
  provider.answerNext('/.well-known/openid-configuration', json(200, metadata));
}

async function connect(broker: BrokerUnderTest, sourceId = 'reports') {
  const begun = await beginFirst(broker, sourceId, 'sso');
  const query = broker.provider.consent(begun.redirectUrl);
  return (await complete(broker, begun, query)).authorization;
}

test('an issuer is enough: authorized, refreshed, dead and revoked', async () => {
  await using broker = await startBrokerUnderTest({
    entry: issuerOnly,
    config: { sweepIntervalMs: 20 },
  });
  discoverable(broker);
  expect((await connect(broker))?.status).toBe(Status.SUCCEEDED);
  const [credential] = broker.vault.credentials.values();
  if (!credential) throw new Error('nothing was stored');
  expect(credential).toMatchObject({ identityKey: 'ada', maskedLabel: 'a•••@acme.example' });
  const { accessToken } = credential;
  credential.due = true;
  await expect.poll(() => credential.accessToken).not.toBe(accessToken);
  broker.provider.withdraw('ada');
  credential.due = true;
  // Unknown to the catalogue, so it has to be said twice (semantics 11).
  await expect.poll(() => credential.status).toBe(CredentialStatus.DELAYED);
  expect(broker.provider.count('/.well-known/openid-configuration')).toBe(1);
});

test('without a userinfo endpoint the ID token says whose it is', async () => {
  await using broker = await startBrokerUnderTest({ entry: issuerOnly });
  discoverable(broker, { userinfo_endpoint: undefined });
  expect((await connect(broker))?.status).toBe(Status.SUCCEEDED);
  expect(broker.provider.count('/userinfo')).toBe(0);
  const [credential] = broker.vault.credentials.values();
  expect(credential?.identityKey).toBe('ada');
});

test.each([
  ['nothing said', undefined, true],
  ['basic among others', ['client_secret_post', 'client_secret_basic'], true],
  ['post alone', ['client_secret_post'], false],
])('the client authenticates as the metadata says: %s', async (_, methods, basic) => {
  await using broker = await startBrokerUnderTest({ entry: issuerOnly });
  discoverable(broker, { token_endpoint_auth_methods_supported: methods });
  await connect(broker);
  const [exchange] = broker.provider.requests.filter(({ path }) => path === '/token');
  expect(exchange?.authorization?.startsWith('Basic ') ?? false).toBe(basic);
  expect(exchange?.form.has('client_secret')).toBe(!basic);
});
