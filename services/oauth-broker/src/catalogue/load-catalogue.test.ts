import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { loadCatalogue } from './load-catalogue.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'catalogue-'));
  mkdirSync(join(directory, 'shipped'));
  mkdirSync(join(directory, 'own'));
  for (const place of ['shipped', 'own']) {
    writeFileSync(join(directory, place, 'secret'), `secret of ${place}\n`);
  }
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const entry = {
  id: 'orchard',
  name: 'Orchard Drive',
  issuer: 'https://orchard.example',
  clients: { default: { id: 'our-client', secretFile: 'secret' } },
  accessToken: { lifetimeSeconds: 3600 },
  identity: { kind: 'user', call: 'userinfo', key: '/sub', label: '/email' },
  verdicts: [{ error: 'invalid_grant', class: 'dead' }],
  connectors: { 'orchard-drive': { name: 'Orchard Drive', kind: 'personal', scopes: [] } },
};
const withoutClient = { ...entry, clients: undefined };

const write = (file: string, content: unknown) =>
  writeFileSync(
    join(directory, file.includes('/') ? file : `shipped/${file}`),
    typeof content === 'string' ? content : stringify(content),
  );

const load = (...places: string[]) =>
  loadCatalogue((places.length > 0 ? places : ['shipped']).map((place) => join(directory, place)));

/** With the directory left out, for it has a random name. */
async function problems(...places: string[]): Promise<string[]> {
  const error = await load(...places).then(
    () => undefined,
    (caught: unknown) => caught,
  );
  expect(error).toMatchObject({ code: 'CATALOGUE_INVALID' });
  return (error as { problems: readonly string[] }).problems.map((problem) =>
    problem.replaceAll(`${directory}/`, ''),
  );
}

const change = (changes: object) => write('orchard.yaml', { ...entry, ...changes });

test('providers and connectors are found, secrets read, and nobody is contacted', async () => {
  write('orchard.yaml', entry);
  const catalogue = await load();
  expect(catalogue.provider('orchard')?.clients).toMatchObject([
    { name: 'default', id: 'our-client', secret: 'secret of shipped' },
  ]);
  expect(catalogue.connector('orchard-drive')?.provider.id).toBe('orchard');
});

test('everything that is wrong is told at once, with file, line and key', async () => {
  write('broken.yaml', 'id: broken\nname: [\n');
  write('twice.yaml', 'id: twice\nname: One\nname: Two\n');
  write(
    'orchard.yaml',
    [
      'id: orchard',
      'name: Orchard Drive',
      'colour: red',
      'endpoints:',
      '  token: https://orchard.example/token',
      'accessToken: {lifetimeSeconds: 0}',
      'verdicts:',
      '  - error: invalid_grant',
      '    class: buried',
      'connectors:',
      '  orchard-drive:',
      '    name: Orchard Drive',
      '    kind: shared',
      '    scopes: [7]',
      'clients:',
      '  default:',
      '    id: our-client',
      '    secret: written out',
    ].join('\n'),
  );
  expect((await problems()).sort()).toEqual([
    expect.stringContaining('shipped/broken.yaml:3: is not readable YAML'),
    'shipped/orchard.yaml:13: /connectors/orchard-drive/kind: must be one of personal, enterprise',
    'shipped/orchard.yaml:14: /connectors/orchard-drive/scopes/0: must be string',
    'shipped/orchard.yaml:18: /clients/default/secret: is no key of a catalogue file',
    'shipped/orchard.yaml:3: /colour: is no key of a catalogue file',
    'shipped/orchard.yaml:4: /endpoints/authorization: is missing',
    'shipped/orchard.yaml:6: /accessToken/lifetimeSeconds: has none of the forms that are allowed here',
    'shipped/orchard.yaml:9: /verdicts/0/class: must be one of dead, operator, transient',
    'shipped/twice.yaml:3: is not readable YAML (Map keys must be unique at line 3, column 1)',
  ]);
});

test('a file that is no provider, and an id that is missing, are told', async () => {
  write('list.yaml', '- a\n- b\n');
  write('empty.yaml', '');
  expect(await problems()).toEqual([
    'shipped/empty.yaml:1: /id: must be there, and a text',
    'shipped/list.yaml:1: /id: must be there, and a text',
  ]);
});

test('a bomb of aliases is refused', async () => {
  const bomb = ['a: &a [x, x]', 'b: &b [*a, *a, *a, *a, *a, *a]', 'id: [*b, *b, *b, *b, *b, *b]'];
  write('bomb.yaml', bomb.join('\n'));
  expect(await problems()).toEqual([expect.stringContaining('bomb.yaml:1: is not readable YAML')]);
});

test('ids are unique within a directory, and connectors over all', async () => {
  write('a.yaml', entry);
  write('b.yaml', entry);
  write('c.yaml', { ...entry, id: 'another' });
  expect(await problems()).toEqual([
    'shipped/b.yaml:1: /id: the provider id orchard is taken by shipped/a.yaml:1',
    expect.stringMatching(
      /^shipped\/c\.yaml:\d+: \/connectors\/orchard-drive: the connector id orchard-drive is taken by shipped\/a\.yaml:\d+/,
    ),
  ]);
});

test.each([
  [
    'a missing secret file',
    { secretFile: 'absent' },
    /secretFile: .*absent cannot be read \(ENOENT\)/,
  ],
  [
    'a client that has to have a secret',
    { secretFile: undefined },
    /secretFile: is needed for client_secret_basic/,
  ],
  [
    'a key that is none',
    { privateKeyFile: 'secret', authentication: 'private_key_jwt' },
    /privateKeyFile: holds no private key/,
  ],
  ['no id', { id: undefined }, /\/clients\/default\/id: or idFile is needed, and not both/],
  ['two ids', { idFile: 'secret' }, /\/clients\/default\/id: or idFile is needed, and not both/],
])('%s is told by file and key, and no content is', async (_, client, expected) => {
  change({ clients: { default: { ...entry.clients.default, ...client } } });
  const told = await problems();
  expect(told).toEqual([expect.stringMatching(expected)]);
  expect(told.join()).not.toContain('secret of');
});

test('a catalogue cannot switch off a defence', async () => {
  change({
    authorization: {
      parameters: { response_type: 'token' },
      renewal: { parameters: { code_challenge_method: 'plain' }, hint: 'redirect_uri' },
    },
    tokenRequest: { parameters: { code_verifier: 'x' } },
    scopes: { parameter: 'state' },
  });
  const told = await problems();
  for (const pointer of [
    '/authorization/parameters/response_type',
    '/authorization/renewal/parameters/code_challenge_method',
    '/authorization/renewal/hint',
    '/tokenRequest/parameters/code_verifier',
    '/scopes/parameter',
  ]) {
    expect(told).toContainEqual(
      expect.stringMatching(`${pointer}: .*set by the broker and cannot be configured`),
    );
  }
});

const endpoints = {
  authorization: 'https://{subdomain}.orchard.example/authorize',
  token: 'https://{subdomain}.orchard.example/token',
};
const variables = { subdomain: { pattern: '[a-z]+' } };
const call = { kind: 'user', call: 'https://orchard.example/me', key: '/id', label: '/id' };

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
    { clients: { a: entry.clients.default, b: { ...entry.clients.default, id: 'b' } } },
    '/clients: has several, so one must be named default',
  ],
  [
    'two clients with one id',
    { clients: { ...entry.clients, b: entry.clients.default } },
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
  expect((await problems()).join('\n')).toContain(expected);
});

test('an empty or absent directory is told', async () => {
  expect(await problems()).toEqual(['shipped: holds no *.yaml file']);
  expect(await problems('absent')).toEqual(['absent: cannot be read (ENOENT)']);
});

test('a provider without a client is known and offers no connector', async () => {
  write('orchard.yaml', withoutClient);
  const catalogue = await load();
  expect(catalogue.provider('orchard')).toMatchObject({ name: 'Orchard Drive', clients: [] });
  expect(catalogue.connectors).toEqual([]);
  expect(catalogue.connector('orchard-drive')).toBeUndefined();
});

test('an operator’s file adds a client to a shipped provider, with a secret from beside it', async () => {
  write('orchard.yaml', withoutClient);
  write('own/orchard.yaml', { id: 'orchard', clients: entry.clients });
  const catalogue = await load('shipped', 'own');
  expect(catalogue.provider('orchard')?.clients[0]?.secret).toBe('secret of own');
  expect(catalogue.connector('orchard-drive')?.name).toBe('Orchard Drive');
});

test('an operator’s file changes one fact, takes another away, and adds a provider', async () => {
  write('orchard.yaml', { ...entry, scopes: { always: ['a', 'b'], separator: 'comma' } });
  write('own/changes.yaml', {
    id: 'orchard',
    scopes: { always: ['c'], separator: null },
    connectors: { 'orchard-files': { name: 'Files', kind: 'personal', scopes: ['files'] } },
  });
  write('own/new.yaml', { ...entry, id: 'new', connectors: undefined });
  const catalogue = await load('shipped', 'own');
  expect(catalogue.provider('orchard')).toMatchObject({ issuer: entry.issuer });
  expect(catalogue.provider('orchard')?.scopes).toEqual({ always: ['c'] });
  expect(catalogue.connectors.map(({ id }) => id)).toEqual([
    'orchard-drive',
    'orchard-files',
    'new',
  ]);
});

test('what is wrong in an operator’s file is told there, and not in the shipped one', async () => {
  write('orchard.yaml', withoutClient);
  write('own/orchard.yaml', 'id: orchard\naccessToken:\n  lifetimeSeconds: soon\nsecrets: {}\n');
  expect(await problems('shipped', 'own')).toEqual([
    'own/orchard.yaml:4: /secrets: is no key of a catalogue file',
    'own/orchard.yaml:3: /accessToken/lifetimeSeconds: has none of the forms that are allowed here',
  ]);
  write('own/orchard.yaml', 'id: orchard\n\nidentity: null\nconnectors:\n  orchard-drive: null\n');
  expect((await load('shipped', 'own')).provider('orchard')?.connectors).toEqual({});
});

test('a standard provider needs an issuer and a client, and nothing else', async () => {
  write('sso.yaml', {
    id: 'sso',
    name: 'Sign-on',
    issuer: 'https://sso.example/realms/main',
    clients: entry.clients,
  });
  const catalogue = await load();
  expect(catalogue.connector('sso')).toMatchObject({ name: 'Sign-on', kind: 'personal' });
  expect(catalogue.provider('sso')).toMatchObject({
    scopes: { always: ['openid', 'email'] },
    identity: { kind: 'user', call: 'userinfo', key: '/sub' },
    refreshToken: { rotation: 'single_use' },
  });
});
