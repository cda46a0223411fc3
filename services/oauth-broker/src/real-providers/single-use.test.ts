import { Failure_Kind as Kind } from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import { Authorization_Status as Status } from '@credential-renewal/proto/oauth_broker/v1/oauth_broker';
import { describe, expect, test } from 'vitest';
import { beginFirst } from '../testing/authorize.ts';
import { atlassianAt } from '../testing/fake-providers/atlassian.ts';
import { box } from '../testing/fake-providers/box.ts';
import { dropbox } from '../testing/fake-providers/dropbox.ts';
import { startProviderWorld } from '../testing/fake-providers/provider-world.ts';
import { zendesk } from '../testing/fake-providers/zendesk.ts';

const policyTold = (world: Awaited<ReturnType<typeof startProviderWorld>>) =>
  world.broker.vault.calls.findLast(({ name }) => name === 'completeAttempt')?.request;

describe('Atlassian', () => {
  test('a spent refresh token is taken for ten minutes more, and then refused with a 403', async () => {
    let nowMs = 0;
    await using world = await startProviderWorld(atlassianAt(() => nowMs));
    await world.connect();
    const first = world.credential().refreshToken;
    await world.attempt();
    expect(policyTold(world)).toMatchObject({
      policy: { rotates: true, rotationGrace: { seconds: 600n } },
    });
    world.credential().refreshToken = first;
    nowMs += 9 * 60_000;
    expect(await world.attempt()).toBeUndefined();
    world.credential().refreshToken = first;
    nowMs += 2 * 60_000;
    expect(await world.attempt()).toMatchObject({ kind: Kind.GRANT_REFUSED, httpStatus: 403 });
  });

  test('a year is a whole life: it is told as one that no refresh extends', async () => {
    await using world = await startProviderWorld(atlassianAt(Date.now));
    await world.connect();
    const stored = world.broker.vault.calls.find(({ name }) => name === 'storeCandidate');
    expect(stored?.request).toMatchObject({
      tokens: { refreshLifeAbsolute: true, refreshExpiresIn: { seconds: 31_536_000n } },
    });
  });
});

describe.each([
  ['Box', box, Kind.GRANT_REFUSED],
  ['Zendesk', zendesk, Kind.GRANT_REFUSED_UNCONFIRMED],
])('%s', (_, script, kind) => {
  test('a spent refresh token is refused at once, and the vault knows that there is no grace', async () => {
    await using world = await startProviderWorld(script);
    await world.connect();
    const first = world.credential().refreshToken;
    await world.attempt();
    expect(policyTold(world)).toMatchObject({
      policy: { rotates: true, rotationGrace: { seconds: 0n } },
    });
    world.credential().refreshToken = first;
    expect(await world.attempt()).toMatchObject({ kind });
  });
});

describe('Zendesk', () => {
  test('lives are asked for, in JSON, and what the answer grants counts', async () => {
    await using world = await startProviderWorld(zendesk);
    await world.connect();
    const [exchange] = world.fake.requests.filter(({ route }) => route.endsWith('/oauth/tokens'));
    expect(exchange?.headers['content-type']).toBe('application/json');
    expect(exchange?.form.get('refresh_token_expires_in')).toBe('2592000');
    const stored = world.broker.vault.calls.find(({ name }) => name === 'storeCandidate');
    expect(stored?.request).toMatchObject({
      tokens: { expiresIn: { seconds: 1800n }, refreshExpiresIn: { seconds: 2_592_000n } },
    });
  });

  test('a host that nobody has said is asked for before anybody is sent anywhere', async () => {
    await using world = await startProviderWorld({ ...zendesk, own: {} });
    await expect(beginFirst(world.broker, 'reports', 'zendesk')).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      violations: [{ field: 'parameters.subdomain' }],
    });
    expect(world.fake.requests).toEqual([]);
  });

  test('a revocation that fails for a moment is not given up while its access token is at hand', async () => {
    await using world = await startProviderWorld(zendesk);
    await world.connect();
    const { broker, fake } = world;
    const { id } = world.credential();
    const route = 'DELETE acme-support.zendesk.com/api/v2/oauth/tokens/current.json';
    fake.answerNext(route, { status: 503 }, { status: 502 });
    broker.registry.deleting.push({
      ...{ use: { $case: 'sourceId', value: 'reports' } as const, userId: 'ada' },
      ...{ credentialId: id, lastUse: true, credentialVersion: 1n },
    });
    await expect.poll(() => broker.vault.credentials.has(id)).toBe(false);
    expect(fake.count(route)).toBe(3);
    expect([...fake.world.grants].every(({ ended }) => ended)).toBe(true);
  });
});

describe('Dropbox', () => {
  test('offline access is asked for, and without it there is no refresh token', async () => {
    await using world = await startProviderWorld(dropbox);
    const asked = new URL((await world.begin()).redirectUrl).searchParams;
    expect(asked.get('token_access_type')).toBe('offline');
    await using online = await startProviderWorld({
      ...dropbox,
      own: { authorization: { parameters: { token_access_type: 'online' } } },
    });
    expect((await online.connect())?.status).toBe(Status.SUCCEEDED);
    expect(online.credential().refreshToken).toBeUndefined();
  });

  test('a renewal asks for a new approval, and a switch for a new sign-in too', async () => {
    await using world = await startProviderWorld(dropbox);
    await world.connect();
    const renewal = new URL((await world.beginRenewal()).redirectUrl).searchParams;
    expect(renewal.get('force_reapprove')).toBe('true');
    expect(renewal.has('force_reauthentication')).toBe(false);
    const switching = new URL((await world.beginRenewal(true)).redirectUrl).searchParams;
    expect(switching.get('force_reauthentication')).toBe('true');
  });

  test('an error of the API is an object, and its tag is the code', async () => {
    await using world = await startProviderWorld({
      ...dropbox,
      own: { authorization: { parameters: { token_access_type: 'online' } } },
    });
    await world.connect();
    const route = 'POST api.dropboxapi.com/2/users/get_current_account';
    const body = { error_summary: 'user_suspended/..', error: { '.tag': 'user_suspended' } };
    world.fake.answerNext(route, { status: 401, body });
    expect(await world.attempt()).toMatchObject({
      kind: Kind.GRANT_REFUSED,
      error: 'user_suspended',
      reasonCode: 'admin_blocked',
    });
  });
});
