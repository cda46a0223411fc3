import { Failure_Kind as Kind } from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import { Authorization_Status as Status } from '@credential-renewal/proto/oauth_broker/v1/oauth_broker';
import { expect, test } from 'vitest';
import { google } from '../testing/fake-providers/google.ts';
import { startProviderWorld } from '../testing/fake-providers/provider-world.ts';

const token = 'POST oauth2.googleapis.com/token';

test('offline access and a shown consent are asked for, since only they bring a refresh token', async () => {
  await using world = await startProviderWorld(google);
  const asked = new URL((await world.begin()).redirectUrl).searchParams;
  expect(asked.get('access_type')).toBe('offline');
  expect(asked.get('prompt')).toBe('consent');
});

test('where no consent was shown there is no refresh token, and the identity call keeps watch', async () => {
  const withoutPrompt = { authorization: { parameters: { prompt: null } } };
  await using world = await startProviderWorld({ ...google, own: withoutPrompt });
  expect((await world.connect())?.status).toBe(Status.SUCCEEDED);
  expect(world.credential().refreshToken).toBeUndefined();
  const calls = world.fake.count('GET openidconnect.googleapis.com/v1/userinfo');
  expect(await world.attempt()).toBeUndefined();
  expect(world.fake.count('GET openidconnect.googleapis.com/v1/userinfo')).toBe(calls + 1);
});

test('an unticked scope is missing by name, and the long name of email is none', async () => {
  await using world = await startProviderWorld(google);
  const drive = 'https://www.googleapis.com/auth/drive.readonly';
  expect(await world.connect('reports', { without: [drive] })).toMatchObject({
    status: Status.INSUFFICIENT_SCOPE,
    missingScopes: [drive],
  });
});

test.each([
  [
    'a session policy',
    {
      error: 'invalid_grant',
      error_subtype: 'invalid_rapt',
      error_description: 'reauth related error (invalid_rapt)',
    },
    400,
    Kind.GRANT_REFUSED,
    'access_withdrawn',
  ],
  [
    'a policy of the administrator',
    { error: 'admin_policy_enforced' },
    400,
    Kind.GRANT_REFUSED,
    'admin_blocked',
  ],
  ['a deleted client of ours', { error: 'deleted_client' }, 401, Kind.CLIENT_MISCONFIGURED, ''],
  ['an internal failure', { error: 'internal_failure' }, 500, Kind.TRANSIENT, ''],
])('%s', async (_, body, status, kind, reasonCode) => {
  await using world = await startProviderWorld(google);
  await world.connect();
  world.fake.answerNext(token, { status, body });
  expect(await world.attempt()).toMatchObject({ kind, reasonCode });
});

test('a renewal hints at the account by its subject, and a switch asks which', async () => {
  await using world = await startProviderWorld(google);
  await world.connect();
  const renewal = new URL((await world.beginRenewal()).redirectUrl).searchParams;
  expect(renewal.get('login_hint')).toBe('sub-of-ada');
  const switching = new URL((await world.beginRenewal(true)).redirectUrl).searchParams;
  expect(switching.has('login_hint')).toBe(false);
  expect(switching.get('prompt')).toBe('select_account consent');
});

test('who is disconnected loses every grant of that person and client, and the log says so', async () => {
  await using world = await startProviderWorld(google);
  await world.connect('first');
  await world.connect('second');
  const { broker, fake } = world;
  broker.registry.deleting.push({
    ...{ use: { $case: 'sourceId', value: 'first' } as const, userId: 'ada' },
    ...{ credentialId: world.credential('first').id, lastUse: true, credentialVersion: 1n },
  });
  await expect.poll(() => [...fake.world.grants].map(({ ended }) => ended)).toEqual([true, true]);
  await expect
    .poll(() => broker.logLines.join(''))
    .toContain('"ends":"every_grant_of_user_and_client"');
});
