import { CredentialStatus } from '@credential-renewal/proto/events/v1/credential';
import { Authorization_Status as Status } from '@credential-renewal/proto/oauth_broker/v1/oauth_broker';
import { describe, expect, test } from 'vitest';
import {
  type ProviderWorld,
  startProviderWorld,
} from '../testing/fake-providers/provider-world.ts';
import { zendesk } from '../testing/fake-providers/zendesk.ts';

const sales = { subdomain: 'acme-sales' };

/** Hosts that were asked for anything, each once. */
const hostsAsked = ({ fake }: ProviderWorld) => [
  ...new Set(fake.requests.map(({ route }) => route.split(' ')[1]?.split('/')[0])),
];

const asked = async ({ broker }: ProviderWorld, accountId?: string) =>
  (await broker.rpc.listConnectors({ accountId })).connectors.map(({ parameters }) => parameters);

test('people are asked for their subdomain, in the catalogue’s words', async () => {
  await using world = await startProviderWorld(zendesk);
  expect(await asked(world, 'acme')).toEqual([
    [
      {
        name: 'subdomain',
        label: 'Zendesk subdomain',
        pattern: '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?',
        help: expect.stringContaining('.zendesk.com'),
        example: 'acme-support',
      },
    ],
  ]);
});

test.each([
  ['none', undefined, 'is required'],
  ['an empty one', { subdomain: '' }, 'is required'],
  ['a host', { subdomain: 'acme.zendesk.com' }, 'must look like acme-support'],
  ['an address', { subdomain: 'https://acme' }, 'must look like acme-support'],
  ['one with a user', { subdomain: 'acme@evil' }, 'must look like acme-support'],
  ['one with a path', { subdomain: 'acme/x' }, 'must look like acme-support'],
  ['one with a port', { subdomain: 'acme:81' }, 'must look like acme-support'],
  ['an encoded dot', { subdomain: 'acme%2eevil' }, 'must look like acme-support'],
  ['a line break', { subdomain: 'acme\n' }, 'must look like acme-support'],
  ['another alphabet', { subdomain: 'аcme' }, 'must look like acme-support'],
  ['one beside it', { subdomain: 'acme', tenant: 'x' }, 'is not asked for'],
])('%s is refused by the name of the field, and nothing goes out', async (_, parameters, words) => {
  await using world = await startProviderWorld({ ...zendesk, parameters });
  const field = parameters && 'tenant' in parameters ? 'parameters.tenant' : 'parameters.subdomain';
  await expect(world.begin()).rejects.toMatchObject({
    code: 'INPUT_INVALID',
    violations: [{ field, description: expect.stringContaining(words) }],
  });
  expect(hostsAsked(world)).toEqual([]);
});

test('every request of a grant goes to the host it was made at', async () => {
  await using world = await startProviderWorld({ ...zendesk, parameters: sales, values: sales });
  await world.connect();
  expect(world.credential()).toMatchObject({ parameters: { values: sales } });
  expect(await world.attempt()).toBeUndefined();
  const { broker, fake } = world;
  const { id } = world.credential();
  broker.registry.deleting.push({
    ...{ use: { $case: 'sourceId', value: 'reports' } as const, userId: 'ada' },
    ...{ credentialId: id, lastUse: true, credentialVersion: 1n },
  });
  await expect.poll(() => broker.vault.credentials.has(id)).toBe(false);
  expect([...fake.world.grants].every(({ ended }) => ended)).toBe(true);
  expect(hostsAsked(world)).toEqual(['acme-sales.zendesk.com']);
});

test('a worker is told which host its token is for, fresh from the vault and after a refresh', async () => {
  await using world = await startProviderWorld(zendesk);
  await world.connect('reports', { values: sales });
  const { rpc, clock } = world.broker;
  const read = () =>
    rpc.getAccessToken({
      ...{ accountId: 'acme', worker: 'test', minimumRemainingLife: undefined },
      target: { $case: 'sourceId', value: 'reports' },
    });
  expect((await read()).kept).toEqual(sales);
  clock.advance(1_801_000);
  expect((await read()).kept).toEqual(sales);
});

test('users with the same number at two hosts are two people', async () => {
  await using world = await startProviderWorld(zendesk);
  await world.connect('support');
  await world.connect('sales', { values: sales });
  const [support, other] = [world.credential('support'), world.credential('sales')];
  expect(support.id).not.toBe(other.id);
  expect(support.identityKey.replace('support', 'sales')).toBe(other.identityKey);
  expect(await world.attempt('sales')).toBeUndefined();
  expect(await world.attempt('support')).toBeUndefined();
});

describe('a renewal', () => {
  const startRenewal = ({ broker }: ProviderWorld, switchIdentity = false) =>
    broker.rpc.startRenewal({
      ...{ userId: 'ada', returnTo: '/my-sources', switchIdentity },
      entryPoint: { $case: 'mySources', value: { sourceId: 'reports' } },
    });

  test.each([false, true])('leads to the host of the credential (switch: %s)', async (switches) => {
    await using world = await startProviderWorld(zendesk);
    await world.connect('reports', { values: sales });
    world.fake.withdraw();
    const begun = await world.beginRenewal(switches);
    expect(new URL(begun.redirectUrl).pathname).toContain('/acme-sales.zendesk.com/');
    const as = { values: sales, subject: switches ? 'mallory' : 'ada' };
    const renewed = await world.finish(begun, world.fake.consent(begun.redirectUrl, as));
    expect(renewed?.status).toBe(Status.SUCCEEDED);
    expect(world.credential()).toMatchObject({
      ...{ status: CredentialStatus.HEALTHY, parameters: { values: sales } },
      identityKey: expect.stringMatching(/^acme-sales:/),
    });
  });

  test('is not begun while nobody can say which host it is', async () => {
    await using world = await startProviderWorld(zendesk);
    await world.connect();
    world.broker.vault.down.add('getCredential');
    await expect(startRenewal(world)).rejects.toMatchObject({ kind: 'unavailable' });
  });

  test('of what was never finished goes on at the host that was given then', async () => {
    await using world = await startProviderWorld(zendesk);
    await world.begin('reports', sales);
    const resumed = await world.beginRenewal();
    expect(new URL(resumed.redirectUrl).pathname).toContain('/acme-sales.zendesk.com/');
    const query = world.fake.consent(resumed.redirectUrl, { values: sales });
    expect((await world.finish(resumed, query))?.status).toBe(Status.SUCCEEDED);
    expect(world.credential().parameters).toEqual({ values: sales });
  });
});

describe('where the operator has set the subdomain', () => {
  const own = { accounts: { acme: { values: { subdomain: 'acme-support' } } } };
  const { parameters: _, ...unasked } = zendesk;

  test('nobody of that account is asked, and keys are as they were', async () => {
    await using world = await startProviderWorld({ ...unasked, own });
    expect(await asked(world, 'acme')).toEqual([[]]);
    expect(await asked(world, 'globex')).toEqual([
      [expect.objectContaining({ label: 'Zendesk subdomain' })],
    ]);
    expect((await world.connect())?.status).toBe(Status.SUCCEEDED);
    expect(world.credential()).toMatchObject({ identityKey: '35973', parameters: undefined });
    expect(await world.attempt()).toBeUndefined();
  });

  test('nobody can choose another', async () => {
    await using world = await startProviderWorld({ ...zendesk, own });
    await expect(world.begin()).rejects.toMatchObject({
      violations: [{ field: 'parameters.subdomain', description: 'is not asked for' }],
    });
  });

  test('a grant that was made where a person said stays there', async () => {
    await using world = await startProviderWorld({ ...unasked, own });
    const credential = world.broker.vault.add({
      ...{ providerId: 'zendesk', clientId: 'our-client', status: CredentialStatus.EXPIRED },
      ...{ identityKey: 'acme-sales:35973', parameters: { values: sales } },
    });
    world.broker.registry.add({
      ...{ id: 'reports', connectorId: 'zendesk', credentialId: credential.id },
    });
    const begun = await world.beginRenewal();
    const renewed = await world.finish(
      begun,
      world.fake.consent(begun.redirectUrl, { values: sales }),
    );
    expect(renewed?.status).toBe(Status.SUCCEEDED);
  });
});
