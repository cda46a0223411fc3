import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeCatalogueDirectories, orchard } from '../testing/catalogue-directory.ts';

let directories: ReturnType<typeof makeCatalogueDirectories>;
beforeEach(() => {
  directories = makeCatalogueDirectories();
});
afterEach(() => directories.remove());

const change = (changes: object) => directories.write('orchard.yaml', { ...orchard, ...changes });

test('a catalogue cannot switch off a defence', async () => {
  change({
    authorization: {
      parameters: { response_type: 'token' },
      renewal: {
        parameters: { code_challenge_method: 'plain' },
        hints: [{ parameter: 'redirect_uri', identity: '/sub' }],
      },
    },
    tokenRequest: { parameters: { code_verifier: 'x' } },
    scopes: { parameter: 'state' },
  });
  const told = await directories.problems();
  for (const pointer of [
    '/authorization/parameters/response_type',
    '/authorization/renewal/parameters/code_challenge_method',
    '/authorization/renewal/hints/0/parameter',
    '/tokenRequest/parameters/code_verifier',
    '/scopes/parameter',
  ]) {
    expect(told).toContainEqual(
      expect.stringMatching(`${pointer}: .*set by the broker and cannot be configured`),
    );
  }
});

test('a catalogue cannot have a token kept in the clear', async () => {
  change({ keep: { instanceUrl: '/instance_url', spare: '/authed_user/refresh_token' } });
  expect(await directories.problems()).toEqual([
    expect.stringContaining('/keep/spare: is /authed_user/refresh_token: a secret is not kept'),
  ]);
});

const endpoints = {
  authorization: 'https://{subdomain}.orchard.example/authorize',
  token: 'https://{subdomain}.orchard.example/token',
};
const variables = { subdomain: { pattern: '[a-z]+' } };
const call = { kind: 'user', call: 'https://orchard.example/me', key: '/id', label: '/id' };

const ask = { label: 'Subdomain', help: 'What stands before .orchard.example.', example: 'acme' };
const asking = (changes: object, urls: object = {}) => ({
  ...{ identity: call, endpoints: { ...endpoints, ...urls } },
  variables: { subdomain: { pattern: '[a-z]+', ask, ...changes } },
});

test.each([
  ['a dot', '[a-z.]+', 'acme.x'],
  ['a path', '[a-z]+(/x)?', 'acme/x'],
  ['a user', '([a-z]@)?[a-z]+', 'x@acme'],
  ['a port', '[a-z]+(:1)?', 'acme:1'],
  ['a backslash', '[a-z\\\\]+', 'acme\\\\x'],
  ['everything', '.*', 'acme.x'],
])('a person may not be let give %s', async (_, pattern, example) => {
  change(asking({ pattern }));
  expect(await directories.problems()).toEqual([
    expect.stringContaining(`/variables/subdomain/pattern: lets a person give "${example}"`),
  ]);
});

test('who is asked for a label below a fixed domain chooses no host', async () => {
  change(asking({}));
  await expect(directories.load()).resolves.toBeDefined();
  change(asking({}, { token: 'https://orchard.example/{subdomain}/token' }));
  await expect(directories.load()).resolves.toBeDefined();
});

test.each([
  ['alone', 'https://{subdomain}/token'],
  ['before a top level', 'https://{subdomain}.example/token'],
  ['behind something', 'https://eu-{subdomain}.orchard.example/token'],
  ['as the end', 'https://orchard.{subdomain}/token'],
  ['as a port', 'https://orchard.example:{subdomain}/token'],
])('a person may not be let choose the host: %s', async (_, token) => {
  change(asking({}, { token }));
  expect(await directories.problems()).toContainEqual(
    expect.stringContaining('/endpoints/token: '),
  );
});

test.each([
  ['plain http', { issuer: 'http://orchard.example' }, '/issuer: must be https:'],
  ['no URL', { issuer: 'https://' }, '/issuer: is not a URL'],
  ['a user in it', { issuer: 'https://me:pw@orchard.example' }, '/issuer: must not contain a user'],
  [
    'nothing to discover from',
    { issuer: undefined },
    '/endpoints: is missing, and so is an issuer',
  ],
  [
    'an unknown placeholder',
    { identity: call, endpoints },
    '/endpoints/token: has the placeholder {subdomain}, which is not under variables',
  ],
  [
    'a placeholder as a query',
    {
      identity: call,
      endpoints: { ...endpoints, token: 'https://orchard.example/?t={subdomain}' },
      variables,
    },
    'only host and path may vary',
  ],
  [
    'an open brace',
    { identity: call, endpoints: { ...endpoints, token: 'https://orchard.example/{' }, variables },
    'a brace that belongs to no placeholder',
  ],
  ['a variable of no URL', { variables }, '/variables/subdomain: is in no URL'],
  [
    'a broken pattern',
    { identity: call, endpoints, variables: { subdomain: { pattern: '[' } } },
    'is not a regular expression',
  ],
  [
    'a value of another form',
    { identity: call, endpoints, variables, accounts: { acme: { values: { subdomain: 'ACME' } } } },
    '/accounts/acme/values/subdomain: does not match',
  ],
  [
    'a value that leaves the host',
    {
      identity: call,
      endpoints,
      variables: { subdomain: { pattern: '.*' } },
      accounts: { acme: { values: { subdomain: 'evil.example/' } } },
    },
    '/accounts/acme/values/subdomain: may hold letters',
  ],
  [
    'a value for nothing',
    { accounts: { acme: { values: { subdomain: 'acme' } } } },
    '/accounts/acme/values/subdomain: is not under variables',
  ],
  [
    'userinfo without its endpoint',
    { endpoints: { authorization: 'https://a.example', token: 'https://a.example' } },
    '/identity/call: is userinfo, but endpoints.userinfo is not given',
  ],
  [
    'nobody to ask whose it is',
    {
      identity: undefined,
      endpoints: { authorization: 'https://a.example', token: 'https://a.example' },
    },
    '/identity: is missing, and so is endpoints.userinfo',
  ],
  [
    'an ID token that is not asked for',
    { identity: { ...call, from: 'id_token' } },
    '/scopes/always: must ask for openid',
  ],
  [
    'an identity that nobody tells',
    { identity: { kind: 'user', key: '/id', label: '/id' } },
    '/identity/call: is missing, and from is not id_token',
  ],
  [
    'a question that is never asked',
    asking({ default: 'acme' }),
    '/variables/subdomain/ask: is never asked',
  ],
  [
    'a kept name that people give',
    { ...asking({}), keep: { subdomain: '/subdomain' } },
    '/keep/subdomain: is the name of what people are asked',
  ],
  [
    'an example that is none',
    asking({ ask: { ...ask, example: 'ACME' } }),
    '/variables/subdomain/ask/example: is no label',
  ],
  [
    'a hint that takes nothing',
    { authorization: { renewal: { hints: [{ parameter: 'login_hint' }] } } },
    '/authorization/renewal/hints/0: needs identity or claim, and not both',
  ],
  [
    'a hint that is no part of the identity',
    {
      ...{ identity: call, endpoints, variables },
      authorization: { renewal: { hints: [{ parameter: 'domain_hint', identity: '/tid' }] } },
    },
    '/authorization/renewal/hints/0/identity: is /tid, which is in no key of an identity',
  ],
  [
    'a hint from an ID token that is not asked for',
    {
      ...{ identity: call, endpoints, variables },
      authorization: { renewal: { hints: [{ parameter: 'login_hint', claim: '/email' }] } },
    },
    '/authorization/renewal/hints/0/claim: needs an ID token',
  ],
  [
    'a grace without rotation',
    { refreshToken: { rotation: 'none', graceSeconds: 5 } },
    '/refreshToken/graceSeconds: is for single-use tokens',
  ],
  [
    'an idle life beyond the whole',
    { refreshToken: { rotation: 'none', lifetimeSeconds: 5, idleSeconds: 6 } },
    '/refreshToken/idleSeconds: is more than lifetimeSeconds',
  ],
  [
    'several clients and no default',
    { clients: { a: orchard.clients.default, b: { ...orchard.clients.default, id: 'b' } } },
    '/clients: has several, so one must be named default',
  ],
  [
    'two clients with one id',
    { clients: { ...orchard.clients, b: orchard.clients.default } },
    '/clients/b/id: is the id of the client default too',
  ],
  [
    'a client nobody knows',
    { accounts: { acme: { client: 'sandbox' } } },
    '/accounts/acme/client: is sandbox, which is not under clients',
  ],
  [
    'a source of nothing',
    { sources: [{ facts: ['/colour'], unverified: true }] },
    '/sources/0/facts/0: names /colour, which is not in this file',
  ],
  [
    'a source without a name',
    { sources: [{ facts: ['/name'] }] },
    '/sources/0: needs title, url and date, or unverified: true',
  ],
  [
    'a reason to be alive',
    { verdicts: [{ error: 'x', class: 'transient', reason: 'access_withdrawn' }] },
    '/verdicts/0/reason: is for class dead',
  ],
  [
    'a block that the user mends',
    { verdicts: [{ error: 'x', class: 'dead', reason: 'admin_blocked', resolver: 'user' }] },
    '/verdicts/0/resolver: is user, but',
  ],
  [
    'a death by status 503',
    { verdicts: [{ error: 'x', class: 'dead', status: [503] }] },
    '/verdicts/0/status: lists 503, which says nothing about a grant',
  ],
  [
    'a death by status 429',
    { verdicts: [{ error: 'x', class: 'dead', status: [429] }] },
    'lists 429',
  ],
  [
    'a death by text',
    { verdicts: [{ error: 'x', class: 'dead', description: 'gone' }] },
    '/verdicts/0: calls a grant dead by a text or number',
  ],
  [
    'a death by number',
    { verdicts: [{ error: 'x', class: 'dead', number: [7] }] },
    '/verdicts/0: calls a grant dead by a text or number',
  ],
  [
    'a broken text pattern',
    { verdicts: [{ error: 'x', class: 'transient', description: '(' }] },
    '/verdicts/0/description: is not a regular expression',
  ],
])('contradictory or unusable: %s', async (_, changes, expected) => {
  change(changes);
  expect((await directories.problems()).join('\n')).toContain(expected);
});
