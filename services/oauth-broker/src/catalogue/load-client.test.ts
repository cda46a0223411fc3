import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeCatalogueDirectories, orchard } from '../testing/catalogue-directory.ts';

let directories: ReturnType<typeof makeCatalogueDirectories>;
beforeEach(() => {
  directories = makeCatalogueDirectories();
});
afterEach(() => directories.remove());

const change = (changes: object) => directories.write('orchard.yaml', { ...orchard, ...changes });

test.each([
  [
    'a missing secret file',
    { secretFile: 'absent' },
    /secretFile: .*absent cannot be read \(ENOENT\)/,
  ],
  [
    'a client that has to have a secret',
    { secretFile: undefined },
    /secretFile: is needed for a client that is not public/,
  ],
  [
    'a key that is none',
    { privateKeyFile: 'secret', authentication: 'private_key_jwt' },
    /privateKeyFile: holds no private key/,
  ],
  ['no id', { id: undefined }, /\/clients\/default\/id: or idFile is needed, and not both/],
  ['two ids', { idFile: 'secret' }, /\/clients\/default\/id: or idFile is needed, and not both/],
])('%s is told by file and key, and no content is', async (_, client, expected) => {
  change({ clients: { default: { ...orchard.clients.default, ...client } } });
  const told = await directories.problems();
  expect(told).toEqual([expect.stringMatching(expected)]);
  expect(told.join()).not.toContain('secret of');
});
