import { Failure_Kind as Kind } from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import { CredentialStatus } from '@credential-renewal/proto/events/v1/credential';
import { Authorization_Status as Status } from '@credential-renewal/proto/oauth_broker/v1/oauth_broker';
import { expect, test } from 'vitest';
import { startProviderWorld } from '../testing/fake-providers/provider-world.ts';
import { slackWith } from '../testing/fake-providers/slack.ts';

const access = 'POST slack.com/api/oauth.v2.access';
const authTest = 'POST slack.com/api/auth.test';
const refusal = (error: string) => ({ body: { ok: false, error } });

test('the user’s token is taken out of its nest, and the bot’s beside it is not', async () => {
  await using world = await startProviderWorld(slackWith({ rotation: false }));
  expect((await world.connect())?.status).toBe(Status.SUCCEEDED);
  const credential = world.credential();
  expect(credential.accessToken).toMatch(/^at-/);
  expect(credential.refreshToken).toBeUndefined();
  expect(credential.accessExpiresAtMs).toBeUndefined();
});

test('without a user’s token the bot’s is not taken for it', async () => {
  await using world = await startProviderWorld(slackWith({ rotation: false }));
  const begun = await world.begin();
  world.fake.answerNext(access, {
    body: { ok: true, access_token: 'xoxb-of-a-bot', token_type: 'bot', authed_user: { id: 'U1' } },
  });
  const authorization = await world.finish(begun, world.fake.consent(begun.redirectUrl));
  expect(authorization?.status).toBe(Status.FAILED);
  expect(world.broker.vault.candidates.size).toBe(0);
});

test('scopes are asked for with commas, as the user’s', async () => {
  await using world = await startProviderWorld(slackWith({ rotation: false }));
  const asked = new URL((await world.begin()).redirectUrl).searchParams;
  expect(asked.get('user_scope')).toBe('channels:read,channels:history,files:read,users:read');
  expect(asked.has('scope')).toBe(false);
});

test.each([
  ['token_revoked', Kind.GRANT_REFUSED, 'access_withdrawn'],
  ['authorization_not_found', Kind.GRANT_REFUSED, 'access_withdrawn'],
  ['account_inactive', Kind.GRANT_REFUSED, 'admin_blocked'],
  ['invalid_auth', Kind.GRANT_REFUSED_UNCONFIRMED, ''],
  ['internal_error', Kind.TRANSIENT, ''],
  ['ratelimited', Kind.TRANSIENT, ''],
  ['something_new', Kind.TRANSIENT, ''],
])('a token without an end is checked by its identity call: %s', async (error, kind, reason) => {
  await using world = await startProviderWorld(slackWith({ rotation: false }));
  await world.connect();
  expect(await world.attempt()).toBeUndefined();
  world.fake.answerNext(authTest, refusal(error));
  expect(await world.attempt()).toMatchObject({ kind, reasonCode: reason, httpStatus: 200 });
});

test('a refusal of a refresh is a 200 too, and means what it says', async () => {
  await using world = await startProviderWorld(slackWith({ rotation: true }));
  await world.connect();
  world.fake.answerNext(access, refusal('bad_client_secret'));
  expect(await world.attempt()).toMatchObject({ kind: Kind.CLIENT_MISCONFIGURED });
  world.fake.answerNext(access, refusal('internal_error'));
  expect(await world.attempt()).toMatchObject({ kind: Kind.TRANSIENT });
  world.fake.answerNext(access, refusal('invalid_refresh_token'));
  expect(await world.attempt()).toMatchObject({ kind: Kind.GRANT_REFUSED });
  expect(world.credential().status).toBe(CredentialStatus.EXPIRED);
});

test('an installation for a whole organisation has no team and belongs to the organisation', async () => {
  await using world = await startProviderWorld(slackWith({ rotation: false, organisation: true }));
  expect((await world.connect())?.status).toBe(Status.SUCCEEDED);
  expect(world.credential().identityKey).toBe('E0ACME');
  const committed = world.broker.vault.calls.find(({ name }) => name === 'commitCandidate');
  expect(committed?.request).toMatchObject({ identity: { kind: 'tenant', key: 'E0ACME' } });
});
