import { Failure_Kind as Kind } from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import { CredentialStatus } from '@credential-renewal/proto/events/v1/credential';
import { Authorization_Status as Status } from '@credential-renewal/proto/oauth_broker/v1/oauth_broker';
import { describe, expect, test } from 'vitest';
import { atlassianAt } from '../testing/fake-providers/atlassian.ts';
import { box } from '../testing/fake-providers/box.ts';
import { dropbox } from '../testing/fake-providers/dropbox.ts';
import type { FakeScript } from '../testing/fake-providers/fake-provider.ts';
import { google } from '../testing/fake-providers/google.ts';
import { microsoftEntra } from '../testing/fake-providers/microsoft-entra.ts';
import { startProviderWorld } from '../testing/fake-providers/provider-world.ts';
import { salesforce } from '../testing/fake-providers/salesforce.ts';
import { slackWith } from '../testing/fake-providers/slack.ts';
import { zendesk } from '../testing/fake-providers/zendesk.ts';

type Case = {
  script: FakeScript;
  /** Whether a refresh spends the refresh token, or at least brings another. */
  rotates: boolean;
  accessSeconds: number;
  /** What a withdrawn grant is told to the vault as. */
  death: number;
  /** Nothing can be revoked there: the credential is only forgotten. */
  revokes?: false;
};

const cases: [name: string, Case][] = [
  ['Google', { script: google, rotates: false, accessSeconds: 3599, death: Kind.GRANT_REFUSED }],
  [
    'Microsoft Entra',
    {
      script: microsoftEntra,
      rotates: true,
      accessSeconds: 4123,
      death: Kind.GRANT_REFUSED,
      revokes: false,
    },
  ],
  [
    'Slack with token rotation',
    {
      script: slackWith({ rotation: true }),
      rotates: true,
      accessSeconds: 43_200,
      death: Kind.GRANT_REFUSED,
    },
  ],
  [
    'Salesforce',
    { script: salesforce, rotates: true, accessSeconds: 900, death: Kind.GRANT_REFUSED },
  ],
  [
    'Atlassian',
    {
      script: atlassianAt(Date.now),
      rotates: true,
      accessSeconds: 3600,
      death: Kind.GRANT_REFUSED,
      revokes: false,
    },
  ],
  ['Box', { script: box, rotates: true, accessSeconds: 4169, death: Kind.GRANT_REFUSED }],
  [
    'Dropbox',
    { script: dropbox, rotates: false, accessSeconds: 14_400, death: Kind.GRANT_REFUSED },
  ],
  [
    'Zendesk',
    { script: zendesk, rotates: true, accessSeconds: 1800, death: Kind.GRANT_REFUSED_UNCONFIRMED },
  ],
];

describe.each(cases)('%s', (_, { script, rotates, accessSeconds, death, revokes = true }) => {
  test('a first authorization: tokens, their life, whose they are, and all scopes', async () => {
    await using world = await startProviderWorld(script);
    const authorization = await world.connect();
    expect(authorization).toMatchObject({ status: Status.SUCCEEDED, missingScopes: [] });
    expect(authorization?.providerAccount).toMatch(/•••/);
    const credential = world.credential();
    expect(credential.identityKey).toBe(script.identityKey('ada'));
    expect(credential.refreshToken).toMatch(/^rt-/);
    const lifeMs = (credential.accessExpiresAtMs ?? 0) - world.broker.clock.nowMs();
    expect(Math.abs(lifeMs - accessSeconds * 1000)).toBeLessThan(30_000);
  });

  test('a refresh: a new access token, and the refresh token as documented', async () => {
    await using world = await startProviderWorld(script);
    await world.connect();
    const before = { ...world.credential() };
    expect(await world.attempt()).toBeUndefined();
    const after = world.credential();
    expect(after.accessToken).not.toBe(before.accessToken);
    expect(after.refreshToken !== before.refreshToken).toBe(rotates);
    const lifeMs = (after.accessExpiresAtMs ?? 0) - world.broker.clock.nowMs();
    expect(Math.abs(lifeMs - accessSeconds * 1000)).toBeLessThan(30_000);
  });

  test('a withdrawn grant is refused for certain, and evidence of it is kept', async () => {
    await using world = await startProviderWorld(script);
    await world.connect();
    world.fake.withdraw();
    expect(await world.attempt()).toMatchObject({ kind: death, answerLost: false });
  });

  test('a wrong secret of ours is never a death', async () => {
    await using world = await startProviderWorld({
      ...script,
      routes: (inner) =>
        script.routes({
          ...inner,
          knowsClient: (request) => inner.knowsClient(request) && !refused,
        }),
    });
    let refused = false;
    await world.connect();
    refused = true;
    const failure = await world.attempt();
    expect([Kind.CLIENT_REFUSED, Kind.CLIENT_MISCONFIGURED]).toContain(failure?.kind);
    expect(world.credential().status).not.toBe(CredentialStatus.EXPIRED);
  });

  test('a renewal heals the same credential, and another account does not', async () => {
    await using world = await startProviderWorld(script);
    await world.connect();
    const { id } = world.credential();
    world.fake.withdraw();
    await world.attempt();
    const stranger = await world.beginRenewal();
    const refusal = await world.finish(
      stranger,
      world.fake.consent(stranger.redirectUrl, { subject: 'mallory' }),
    );
    expect(refusal?.status).toBe(Status.WRONG_ACCOUNT);
    const begun = await world.beginRenewal();
    const renewed = await world.finish(begun, world.fake.consent(begun.redirectUrl));
    expect(renewed?.status).toBe(Status.SUCCEEDED);
    expect(world.credential()).toMatchObject({ id, status: CredentialStatus.HEALTHY });
    expect(await world.attempt()).toBeUndefined();
  });

  test('a disconnected grant is ended there', async () => {
    await using world = await startProviderWorld(script);
    await world.connect();
    const { broker, fake } = world;
    const { id } = world.credential();
    broker.registry.deleting.push({
      ...{ use: { $case: 'sourceId', value: 'reports' } as const, userId: 'ada' },
      ...{ credentialId: id, lastUse: true, credentialVersion: 1n },
    });
    await expect.poll(() => broker.vault.credentials.has(id)).toBe(false);
    expect([...fake.world.grants].every(({ ended }) => ended)).toBe(revokes);
    if (!revokes) expect(broker.logLines.join('')).toContain('offers no revocation');
  });

  test('no token, code or secret stands in the log', async () => {
    await using world = await startProviderWorld(script);
    await world.connect();
    await world.attempt();
    world.fake.withdraw();
    await world.attempt();
    const secrets = [...world.fake.world.grants].flatMap(({ accessTokens, refreshTokens }) => [
      ...accessTokens,
      ...refreshTokens,
    ]);
    const log = world.broker.logLines.join('\n');
    expect(log).toContain('providers without a client');
    for (const secret of ['planted-client-secret', ...secrets]) expect(log).not.toContain(secret);
  });
});
