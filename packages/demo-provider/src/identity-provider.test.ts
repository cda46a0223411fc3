import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { gatewayUrl, startTestWorld } from './test-world.ts';
import { browse } from './visitor/browse.ts';
import { type CookieJar, createCookieJar } from './visitor/cookie-jar.ts';
import { createBearerToken } from './visitor/visitor.ts';

let demo: Awaited<ReturnType<typeof startTestWorld>>;
beforeAll(async () => {
  demo = await startTestWorld();
});
afterAll(() => demo.stop());

const redirectUri = `${gatewayUrl}/sign-in/callback`;
const arrived = (url: URL) => url.origin === gatewayUrl;

function begin(jar: CookieJar, extra: Record<string, string> = {}) {
  const verifier = randomBytes(32).toString('base64url');
  const url = new URL(`${demo.world.identityIssuer}/oauth/authorize`);
  url.search = new URLSearchParams({
    client_id: demo.world.gatewayClient.clientId,
    response_type: 'code',
    redirect_uri: redirectUri,
    scope: 'openid profile email account',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...extra,
  }).toString();
  return { verifier, stop: browse(jar, url, { arrived }) };
}

async function verifyIdToken(code: string, verifier: string) {
  const { clientId, clientSecretFile } = demo.world.gatewayClient;
  const secret = await readFile(clientSecretFile, 'utf8');
  const response = await fetch(`${demo.world.identityIssuer}/oauth/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}` },
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code,
      redirect_uri: redirectUri,
      code_verifier: verifier,
    }),
  });
  const { id_token } = (await response.json()) as { id_token: string };
  return (await verify(id_token, clientId)).payload;
}

function verify(token: string, audience: string) {
  const keys = createRemoteJWKSet(new URL(`${demo.world.identityIssuer}/oauth/jwks`));
  return jwtVerify(token, keys, { issuer: demo.world.identityIssuer, audience });
}

async function choose(jar: CookieJar, persona: string) {
  const { verifier, stop } = begin(jar);
  const chooser = await stop;
  const body = new URLSearchParams({ persona });
  const end = await browse(jar, chooser.url, { request: { method: 'POST', body }, arrived });
  return verifyIdToken(end.url.searchParams.get('code') ?? '', verifier);
}

test('choosing a persona gives an ID token with account and role', async () => {
  expect(await choose(createCookieJar(), 'alma')).toMatchObject({
    sub: 'alma',
    name: 'Alma Ruiz',
    email: 'alma@acme.example',
    account: 'acme',
    account_name: 'Acme',
    role: 'admin',
  });
});

test('the same browser can sign in as somebody else right after', async () => {
  const jar = createCookieJar();
  expect((await choose(jar, 'ada')).sub).toBe('ada');
  expect((await choose(jar, 'olga')).sub).toBe('olga');
});

test('a login_hint skips the page only while no prompt is asked for', async () => {
  const hinted = await begin(createCookieJar(), { login_hint: 'max' }).stop;
  expect(hinted.url.searchParams.get('code')).toBeTruthy();
  const asked = await begin(createCookieJar(), { login_hint: 'max', prompt: 'login' }).stop;
  expect(asked.body).toContain('name="persona"');
  const unknown = await begin(createCookieJar(), { login_hint: 'nobody' }).stop;
  expect(unknown.body).toContain('name="persona"');
});

test('a form for somebody who does not exist shows the personas again', async () => {
  const jar = createCookieJar();
  const chooser = await begin(jar).stop;
  const body = new URLSearchParams({ persona: 'nobody' });
  const again = await browse(jar, chooser.url, { request: { method: 'POST', body }, arrived });
  expect(again.body).toContain('name="persona"');
});

test('a sign-in page opened in another browser says that it has ended', async () => {
  const { url } = await begin(createCookieJar()).stop;
  const foreign = await browse(createCookieJar(), url);
  expect([foreign.status, foreign.body]).toEqual([400, expect.stringContaining('has ended')]);
});

test('a script gets a JWT for the API of the product', async () => {
  const token = await createBearerToken(demo.world.identityIssuer, 'ada');
  const { payload, protectedHeader } = await verify(token, demo.world.apiAudience);
  expect(protectedHeader.typ).toBe('at+jwt');
  expect(payload).toMatchObject({ sub: 'ada', account: 'acme', role: 'member' });
});
