import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeCatalogueDirectories, orchard } from '../testing/catalogue-directory.ts';

let directories: ReturnType<typeof makeCatalogueDirectories>;
beforeEach(() => {
  directories = makeCatalogueDirectories();
});
afterEach(() => directories.remove());

test('providers and connectors are found, secrets read, and nobody is contacted', async () => {
  directories.write('orchard.yaml', orchard);
  const catalogue = await directories.load();
  expect(catalogue.provider('orchard')?.clients).toMatchObject([
    { name: 'default', id: 'our-client', secret: 'secret of shipped' },
  ]);
  expect(catalogue.connector('orchard-drive')?.provider.id).toBe('orchard');
});

test('everything that is wrong is told at once, with file, line and key', async () => {
  directories.write('broken.yaml', 'id: broken\nname: [\n');
  directories.write('twice.yaml', 'id: twice\nname: One\nname: Two\n');
  directories.write(
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
  expect((await directories.problems()).sort()).toEqual([
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
  directories.write('list.yaml', '- a\n- b\n');
  directories.write('empty.yaml', '');
  expect(await directories.problems()).toEqual([
    'shipped/empty.yaml:1: /id: must be there, and a text',
    'shipped/list.yaml:1: /id: must be there, and a text',
  ]);
});

test('a bomb of aliases is refused', async () => {
  const bomb = ['a: &a [x, x]', 'b: &b [*a, *a, *a, *a, *a, *a]', 'id: [*b, *b, *b, *b, *b, *b]'];
  directories.write('bomb.yaml', bomb.join('\n'));
  expect(await directories.problems()).toEqual([
    expect.stringContaining('bomb.yaml:1: is not readable YAML'),
  ]);
});

test('ids are unique within a directory, and connectors over all', async () => {
  directories.write('a.yaml', orchard);
  directories.write('b.yaml', orchard);
  directories.write('c.yaml', { ...orchard, id: 'another' });
  expect(await directories.problems()).toEqual([
    'shipped/b.yaml:1: /id: the provider id orchard is taken by shipped/a.yaml:1',
    expect.stringMatching(
      /^shipped\/c\.yaml:\d+: \/connectors\/orchard-drive: the connector id orchard-drive is taken by shipped\/a\.yaml:\d+/,
    ),
  ]);
});

test('an empty or absent directory is told', async () => {
  expect(await directories.problems()).toEqual(['shipped: holds no *.yaml file']);
  expect(await directories.problems('absent')).toEqual(['absent: cannot be read (ENOENT)']);
});

test('a provider without a client is known and offers no connector', async () => {
  directories.write('orchard.yaml', { ...orchard, clients: undefined });
  const catalogue = await directories.load();
  expect(catalogue.provider('orchard')).toMatchObject({ name: 'Orchard Drive', clients: [] });
  expect(catalogue.connectors).toEqual([]);
  expect(catalogue.connector('orchard-drive')).toBeUndefined();
});

test('a standard provider needs an issuer and a client, and nothing else', async () => {
  directories.write('sso.yaml', {
    id: 'sso',
    name: 'Sign-on',
    issuer: 'https://sso.example/realms/main',
    clients: orchard.clients,
  });
  const catalogue = await directories.load();
  expect(catalogue.connector('sso')).toMatchObject({ name: 'Sign-on', kind: 'personal' });
  expect(catalogue.provider('sso')).toMatchObject({
    scopes: { always: ['openid', 'email'] },
    identity: { kind: 'user', call: 'userinfo', key: '/sub' },
    refreshToken: { rotation: 'single_use' },
  });
});
