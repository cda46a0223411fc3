import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { loadCatalogue } from '../catalogue/load-catalogue.ts';
import { CatalogueInvalidError } from '../errors.ts';

/** A provider that is well described. */
export const orchard = {
  id: 'orchard',
  name: 'Orchard Drive',
  issuer: 'https://orchard.example',
  clients: { default: { id: 'our-client', secretFile: 'secret' } },
  accessToken: { lifetimeSeconds: 3600 },
  identity: { kind: 'user', call: 'userinfo', key: '/sub', label: '/email' },
  verdicts: [{ error: 'invalid_grant', class: 'dead' }],
  connectors: { 'orchard-drive': { name: 'Orchard Drive', kind: 'personal', scopes: [] } },
};

/** Two directories, `shipped` and `own`, with a file `secret` in each. */
export function makeCatalogueDirectories() {
  const directory = mkdtempSync(join(tmpdir(), 'catalogue-'));
  for (const place of ['shipped', 'own']) {
    mkdirSync(join(directory, place));
    writeFileSync(join(directory, place, 'secret'), `secret of ${place}\n`);
  }
  const load = (...places: string[]) =>
    loadCatalogue(
      (places.length > 0 ? places : ['shipped']).map((place) => join(directory, place)),
    );
  return {
    load,
    write(file: string, content: unknown) {
      const path = join(directory, file.includes('/') ? file : `shipped/${file}`);
      writeFileSync(path, typeof content === 'string' ? content : stringify(content));
    },
    /** What is wrong, with the directory left out, for it has a random name. */
    async problems(...places: string[]): Promise<string[]> {
      const error = await load(...places).catch((caught: unknown) => caught);
      if (!(error instanceof CatalogueInvalidError)) throw new Error('the catalogue is usable');
      return error.problems.map((problem) => problem.replaceAll(`${directory}/`, ''));
    },
    path: (place: string) => join(directory, place),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
