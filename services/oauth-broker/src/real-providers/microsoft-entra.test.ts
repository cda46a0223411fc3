import { createHash, generateKeyPairSync, verify } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure_Kind as Kind } from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import { Authorization_Status as Status } from '@credential-renewal/proto/oauth_broker/v1/oauth_broker';
import { expect, test } from 'vitest';
import { begin } from '../testing/authorize.ts';
import type { FakeRequest } from '../testing/fake-providers/fake-provider.ts';
import {
  entraError,
  loginHintOf,
  microsoftEntra,
  tenantId,
} from '../testing/fake-providers/microsoft-entra.ts';
import { startProviderWorld } from '../testing/fake-providers/provider-world.ts';
import { idToken } from '../testing/scripted-provider.ts';
import { selfSignedCertificate } from '../testing/self-signed-certificate.ts';

const token = 'POST login.microsoftonline.com/organizations/oauth2/v2.0/token';

test.each([
  [
    'an aged refresh token',
    entraError(
      'invalid_grant',
      700082,
      'The refresh token has expired due to inactivity.',
      'token_expired',
    ),
    Kind.GRANT_REFUSED,
    'refresh_token_aged',
  ],
  [
    'a revoked one',
    entraError('invalid_grant', 50173, 'The provided grant has expired.', 'bad_token'),
    Kind.GRANT_REFUSED,
    'access_withdrawn',
  ],
  [
    'a user who has to sign in',
    entraError('interaction_required', 50076, 'MFA is needed.', 'basic_action'),
    Kind.GRANT_REFUSED,
    'access_withdrawn',
  ],
  [
    'a consent that was taken back',
    entraError('invalid_grant', 65001, 'The user has not consented.', 'consent_required'),
    Kind.GRANT_REFUSED,
    'access_withdrawn',
  ],
  [
    'a disabled user',
    entraError('invalid_grant', 50057, 'The user account is disabled.'),
    Kind.GRANT_REFUSED,
    'admin_blocked',
  ],
  [
    'a request of ours that is malformed',
    entraError('invalid_grant', 9002313, 'Invalid request. Request is malformed or invalid.'),
    Kind.CLIENT_MISCONFIGURED,
    '',
  ],
  [
    'a token of another client',
    entraError('invalid_grant', 700007, 'Wrong client.', 'client_mismatch'),
    Kind.CLIENT_MISCONFIGURED,
    '',
  ],
  ['a loop', entraError('invalid_grant', 50196, 'A client request loop.'), Kind.TRANSIENT, ''],
  [
    'a condition no sign-in can meet',
    entraError('invalid_grant', 53000, 'Not now.', 'message_only'),
    Kind.TRANSIENT,
    '',
  ],
  [
    'an unknown number has to be confirmed',
    entraError('invalid_grant', 1, 'Something new.'),
    Kind.GRANT_REFUSED_UNCONFIRMED,
    '',
  ],
  [
    'an ended secret of ours',
    entraError('invalid_client', 7000222, 'The provided client secret keys are expired.'),
    Kind.CLIENT_MISCONFIGURED,
    '',
  ],
  [
    'one tenant that removed the application',
    entraError('unauthorized_client', 700016, 'Application not found in the directory.'),
    Kind.CLIENT_REFUSED,
    '',
  ],
  [
    'a busy server',
    { ...entraError('temporarily_unavailable', 90033, 'Busy.'), status: 503 },
    Kind.TRANSIENT,
    '',
  ],
])('%s', async (_, answer, kind, reasonCode) => {
  await using world = await startProviderWorld(microsoftEntra);
  await world.connect();
  world.fake.answerNext(token, answer);
  expect(await world.attempt()).toMatchObject({ kind, reasonCode });
});

test('an old refresh token lives on, so a lost answer loses nothing and the vault is told so', async () => {
  await using world = await startProviderWorld(microsoftEntra);
  await world.connect();
  await world.attempt();
  const told = world.broker.vault.calls.findLast(({ name }) => name === 'completeAttempt');
  expect(told?.request).toMatchObject({ policy: { rotates: false } });
});

const claims = { sub: 's', tid: tenantId, oid: 'o', preferred_username: 'ada@acme.example' };

/** An authorization whose tokens come with this ID token, where everything else is as it should be. */
async function finishWith(changes: object) {
  await using world = await startProviderWorld(microsoftEntra);
  const begun = await world.begin();
  const nonce = new URL(begun.redirectUrl).searchParams.get('nonce');
  const iss = world.fake.world.standIn(`https://login.microsoftonline.com/${tenantId}/v2.0`);
  world.fake.answerNext(token, {
    body: {
      ...{ access_token: 'at', token_type: 'Bearer', expires_in: 3600 },
      id_token: idToken({ iss, nonce, ...claims, ...changes }),
    },
  });
  world.fake.answerNext('GET graph.microsoft.com/oidc/userinfo', { body: { sub: 's' } });
  const authorization = await world.finish(begun, world.fake.consent(begun.redirectUrl));
  const [credential] = world.broker.vault.credentials.values();
  return { authorization, credential, candidates: world.broker.vault.candidates.size };
}

test('an ID token of the tenant that its issuer names is used', async () => {
  expect((await finishWith({})).authorization?.status).toBe(Status.SUCCEEDED);
});

test.each([
  ['of another tenant than its issuer', { tid: '99999999-2222-3333-4444-555555555555' }],
  ['of an issuer with a path of its own', { tid: `${tenantId}/../x` }],
  ['for another client', { aud: 'theirs' }],
  ['for several clients', { aud: ['our-client', 'theirs'], azp: 'theirs' }],
  ['of another transaction', { nonce: 'theirs' }],
  ['that has ended', { exp: 1_700_000_000 }],
  ['without an end', { exp: undefined }],
  ['without a subject', { sub: '' }],
])('an ID token %s is not used', async (_, wrong) => {
  const { authorization, candidates } = await finishWith(wrong);
  // Not taken for a refused token: the exchange itself is not believed.
  expect(authorization).toMatchObject({
    status: Status.FAILED,
    errorCode: 'PROVIDER_UNAVAILABLE',
  });
  expect(candidates).toBe(0);
});

test('without an ID token nobody knows whose it is', async () => {
  await using world = await startProviderWorld(microsoftEntra);
  const begun = await world.begin();
  world.fake.answerNext(token, { body: { access_token: 'at', token_type: 'Bearer' } });
  world.fake.answerNext('GET graph.microsoft.com/oidc/userinfo', { body: { sub: 'x' } });
  const authorization = await world.finish(begun, world.fake.consent(begun.redirectUrl));
  expect(authorization).toMatchObject({ status: Status.FAILED, errorCode: 'IDENTITY_MISSING' });
});

const hintsOf = ({ redirectUrl }: { redirectUrl: string }) => {
  const asked = new URL(redirectUrl).searchParams;
  return { login: asked.get('login_hint'), domain: asked.get('domain_hint') };
};

test('a renewal sends the login hint of the earlier sign-in, and no other beside it', async () => {
  await using world = await startProviderWorld(microsoftEntra);
  const first = await world.begin();
  expect(hintsOf(first)).toEqual({ login: null, domain: null });
  await world.finish(first, world.fake.consent(first.redirectUrl));
  world.fake.withdraw();
  await world.attempt();
  const begun = await world.beginRenewal();
  expect(hintsOf(begun)).toEqual({ login: loginHintOf('ada'), domain: null });
  const renewed = await world.finish(begun, world.fake.consent(begun.redirectUrl));
  expect(renewed?.status).toBe(Status.SUCCEEDED);
});

test('a refresh leaves the hint as it is', async () => {
  await using world = await startProviderWorld(microsoftEntra);
  await world.connect();
  expect(await world.attempt()).toBeUndefined();
  expect(hintsOf(await world.beginRenewal()).login).toBe(loginHintOf('ada'));
});

test('without the optional claim the tenant is hinted at', async () => {
  await using world = await startProviderWorld(microsoftEntra);
  await world.connect();
  world.credential().hints = undefined;
  const begun = await world.beginRenewal();
  expect(hintsOf(begun)).toEqual({ login: null, domain: tenantId });
  const renewed = await world.finish(begun, world.fake.consent(begun.redirectUrl));
  expect(renewed?.status).toBe(Status.SUCCEEDED);
});

test.each(['down', 'silent'] as const)(
  'while the vault is %s a renewal begins all the same, with what is known of the account',
  async (outage) => {
    await using world = await startProviderWorld(microsoftEntra);
    await world.connect();
    const { rpc, vault } = world.broker;
    const started = await rpc.startRenewal({
      ...{ userId: 'ada', returnTo: '/my-sources', switchIdentity: false },
      entryPoint: { $case: 'mySources', value: { sourceId: 'reports' } },
    });
    vault[outage].add('getCredential');
    const begun = await begin(rpc, started.authorization?.id ?? '');
    expect(hintsOf(begun)).toEqual({ login: null, domain: tenantId });
  },
);

test('who switches accounts is led to none, and the vault is not even asked for hints', async () => {
  await using world = await startProviderWorld(microsoftEntra);
  await world.connect();
  const { vault } = world.broker;
  const begun = await world.beginRenewal(true);
  expect(hintsOf(begun)).toEqual({ login: null, domain: null });
  expect(new URL(begun.redirectUrl).searchParams.get('prompt')).toBe('select_account');
  const asked = vault.calls.filter(({ request }) => (request as { withHints?: true }).withHints);
  expect(asked).toEqual([]);
});

test('a login hint is in no log and in no file of the broker', async () => {
  await using world = await startProviderWorld(microsoftEntra);
  await world.connect();
  const begun = await world.beginRenewal();
  expect(hintsOf(begun).login).toBe(loginHintOf('ada'));
  await world.finish(begun, world.fake.consent(begun.redirectUrl));
  const { logLines, directory } = world.broker;
  const files = readdirSync(directory).filter((name) => /\.db/.test(name));
  expect(files).not.toEqual([]);
  const kept = files.map((name) => readFileSync(join(directory, name), 'latin1')).join('');
  expect(logLines.join('')).toContain('a browser came back');
  expect(kept).toContain('microsoft-onedrive');
  for (const place of [logLines.join(''), kept]) {
    expect(place).not.toContain(loginHintOf('ada'));
    expect(place).not.toContain(encodeURIComponent(loginHintOf('ada')));
  }
});

test.each([
  ['a hint of any length', { login_hint: 'x'.repeat(1_001) }],
  ['a hint that is no text', { login_hint: { evil: true } }],
  ['an empty one', { login_hint: '' }],
])('%s is not kept', async (_, claim) => {
  const { credential } = await finishWith(claim);
  expect(credential?.hints).toBeUndefined();
});

test('a client with a certificate signs for itself and sends no secret', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const certificate = selfSignedCertificate({ publicKey, privateKey });
  const assertions: FakeRequest['form'][] = [];
  await using world = await startProviderWorld(
    {
      ...microsoftEntra,
      own: {
        clients: {
          default: {
            id: 'our-client',
            authentication: 'private_key_jwt',
            privateKeyFile: 'key.pem',
            certificateFile: 'certificate.pem',
          },
        },
      },
      routes: (inner) =>
        microsoftEntra.routes({ ...inner, knowsClient: ({ form }) => assertions.push(form) > 0 }),
    },
    { 'key.pem': pem, 'certificate.pem': certificate.pem },
  );
  expect((await world.connect())?.status).toBe(Status.SUCCEEDED);
  const [form] = assertions;
  expect(form?.has('client_secret')).toBe(false);
  const [header = '', payload = '', signature = ''] = (form?.get('client_assertion') ?? '').split(
    '.',
  );
  const signed = Buffer.from(`${header}.${payload}`);
  expect(verify('sha256', signed, publicKey, Buffer.from(signature, 'base64url'))).toBe(true);
  expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toMatchObject({
    alg: 'RS256',
    'x5t#S256': createHash('sha256').update(certificate.der).digest('base64url'),
  });
  expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toMatchObject({
    iss: 'our-client',
    sub: 'our-client',
  });
});
