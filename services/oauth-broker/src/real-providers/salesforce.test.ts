import { Failure_Kind as Kind } from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import { Authorization_Status as Status } from '@credential-renewal/proto/oauth_broker/v1/oauth_broker';
import { expect, test } from 'vitest';
import { startProviderWorld } from '../testing/fake-providers/provider-world.ts';
import { salesforce } from '../testing/fake-providers/salesforce.ts';

const token = 'POST login.salesforce.com/services/oauth2/token';
const introspect = 'POST login.salesforce.com/services/oauth2/introspect';
const refusal = (error: string, error_description: string) => ({
  status: 400,
  body: { error, error_description },
});

test.each([
  ['away', { status: 503 }],
  ['unreadable', { body: 'x' }],
  ['of another mind', { body: { active: false } }],
  ['in the past', { body: { active: true, exp: 1_000_000_000 } }],
  ['absurd', { body: { active: true, exp: 'soon' } }],
])('an introspection that is %s costs nothing: the documented life counts', async (_, answer) => {
  await using world = await startProviderWorld(salesforce);
  world.fake.answerNext(introspect, answer);
  expect((await world.connect())?.status).toBe(Status.SUCCEEDED);
  const lifeMs = (world.credential().accessExpiresAtMs ?? 0) - world.broker.clock.nowMs();
  expect(Math.abs(lifeMs - 7_200_000)).toBeLessThan(30_000);
});

test.each([
  ['expired access/refresh token', Kind.GRANT_REFUSED, 'access_withdrawn'],
  ['inactive user', Kind.GRANT_REFUSED, 'admin_blocked'],
  ['ip restricted or invalid login hours', Kind.TRANSIENT, ''],
])('invalid_grant with "%s"', async (description, kind, reasonCode) => {
  await using world = await startProviderWorld(salesforce);
  await world.connect();
  world.fake.answerNext(token, refusal('invalid_grant', description));
  expect(await world.attempt()).toMatchObject({ kind, reasonCode });
});

test('a 400 that asks for patience is no verdict', async () => {
  await using world = await startProviderWorld(salesforce);
  await world.connect();
  world.fake.answerNext(token, refusal('rate_limit_exceeded', 'too many logins'));
  expect(await world.attempt()).toMatchObject({ kind: Kind.TRANSIENT });
});

test('a worker is told the host of the organisation’s API, also with a token that a refresh brought without it', async () => {
  await using world = await startProviderWorld(salesforce);
  await world.connect();
  const read = () =>
    world.broker.rpc.getAccessToken({
      accountId: 'acme',
      target: { $case: 'sourceId', value: 'reports' },
      minimumRemainingLife: undefined,
      worker: 'sync',
    });
  const kept = { instanceUrl: 'https://acme.my.salesforce.com' };
  expect((await read()).kept).toEqual(kept);
  world.fake.answerNext(token, {
    body: { access_token: 'without-host', token_type: 'Bearer', expires_in: 7_200 },
  });
  world.broker.clock.advance(7_200_000);
  expect(await read()).toMatchObject({ accessToken: 'without-host', kept });
});

test('a person’s sixth approval ends the first, which is then refused for certain', async () => {
  await using world = await startProviderWorld(salesforce);
  await world.connect('reports');
  for (const source of ['b', 'c', 'd', 'e']) await world.connect(source);
  expect(await world.attempt()).toBeUndefined();
  await world.connect('f');
  expect(await world.attempt()).toMatchObject({ kind: Kind.GRANT_REFUSED });
});

test('a customer’s sandbox has a client and a host of its own, and its credential keeps both', async () => {
  const sandbox = { domain: 'acme--uat.sandbox.my.salesforce.com' };
  await using world = await startProviderWorld({
    ...salesforce,
    values: sandbox,
    own: {
      clients: {
        default: { id: 'production-client', secretFile: 'secret' },
        uat: { id: 'our-client', secretFile: 'secret', values: sandbox },
      },
      accounts: { acme: { client: 'uat' } },
    },
    routes: (inner) =>
      Object.fromEntries(
        Object.entries(salesforce.routes(inner)).map(([route, handle]) => [
          route.replace('login.salesforce.com', sandbox.domain),
          handle,
        ]),
      ),
  });
  expect((await world.connect())?.status).toBe(Status.SUCCEEDED);
  expect(world.credential().clientId).toBe('our-client');
  expect(await world.attempt()).toBeUndefined();
  // Made with a client that the catalogue does not have: our trouble, and nobody's death.
  world.credential().clientId = 'former-client';
  expect(await world.attempt()).toMatchObject({
    kind: Kind.CLIENT_MISCONFIGURED,
    error: 'client_not_in_catalogue',
  });
});
