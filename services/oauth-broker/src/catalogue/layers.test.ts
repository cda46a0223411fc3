import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeCatalogueDirectories, orchard } from '../testing/catalogue-directory.ts';

let directories: ReturnType<typeof makeCatalogueDirectories>;
beforeEach(() => {
  directories = makeCatalogueDirectories();
});
afterEach(() => directories.remove());

const withoutClient = { ...orchard, clients: undefined };

test('an operator’s file adds a client to a shipped provider, with a secret from beside it', async () => {
  directories.write('orchard.yaml', withoutClient);
  directories.write('own/orchard.yaml', { id: 'orchard', clients: orchard.clients });
  const catalogue = await directories.load('shipped', 'own');
  expect(catalogue.provider('orchard')?.clients[0]?.secret).toBe('secret of own');
  expect(catalogue.connector('orchard-drive')?.name).toBe('Orchard Drive');
});

test('an operator’s file changes one fact, takes another away, and adds a provider', async () => {
  directories.write('orchard.yaml', {
    ...orchard,
    scopes: { always: ['a', 'b'], separator: 'comma' },
  });
  directories.write('own/changes.yaml', {
    id: 'orchard',
    scopes: { always: ['c'], separator: null },
    connectors: { 'orchard-files': { name: 'Files', kind: 'personal', scopes: ['files'] } },
  });
  directories.write('own/new.yaml', { ...orchard, id: 'new', connectors: undefined });
  const catalogue = await directories.load('shipped', 'own');
  expect(catalogue.provider('orchard')).toMatchObject({ issuer: orchard.issuer });
  expect(catalogue.provider('orchard')?.scopes).toEqual({ always: ['c'] });
  expect(catalogue.connectors.map(({ id }) => id)).toEqual([
    'orchard-drive',
    'orchard-files',
    'new',
  ]);
});

test('what is wrong in an operator’s file is told there, and not in the shipped one', async () => {
  directories.write('orchard.yaml', withoutClient);
  directories.write(
    'own/orchard.yaml',
    'id: orchard\naccessToken:\n  lifetimeSeconds: soon\nsecrets: {}\n',
  );
  expect(await directories.problems('shipped', 'own')).toEqual([
    'own/orchard.yaml:4: /secrets: is no key of a catalogue file',
    'own/orchard.yaml:3: /accessToken/lifetimeSeconds: has none of the forms that are allowed here',
  ]);
  directories.write(
    'own/orchard.yaml',
    'id: orchard\n\nidentity: null\nconnectors:\n  orchard-drive: null\n',
  );
  expect((await directories.load('shipped', 'own')).provider('orchard')?.connectors).toEqual({});
});

test('sources speak of their own file, whatever is laid over it', async () => {
  const sources = [{ facts: ['/verdicts/0'], unverified: true }];
  directories.write('orchard.yaml', { ...orchard, sources });
  directories.write('own/orchard.yaml', { id: 'orchard', verdicts: [] });
  expect((await directories.load('shipped', 'own')).provider('orchard')?.verdicts).toEqual([]);
});
