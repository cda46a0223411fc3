import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { ProviderFile } from '../catalogue/catalogue-schema.ts';
import { loadCatalogue } from '../catalogue/load-catalogue.ts';
import { makeCatalogueDirectories } from '../testing/catalogue-directory.ts';
import { shippedCatalogue } from '../testing/fake-providers/fake-provider.ts';

const page = readFileSync(new URL('../../../../docs/catalogue.md', import.meta.url), 'utf8');
const examples = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text]) => text ?? '');

let directories: ReturnType<typeof makeCatalogueDirectories>;
beforeEach(() => {
  directories = makeCatalogueDirectories();
});
afterEach(() => directories.remove());

test('each example file of the document can be laid over the shipped catalogue', async () => {
  const files = examples.filter((text) => /^id: /m.test(text));
  expect(files).toHaveLength(3);
  for (const [index, text] of files.entries()) {
    // Secrets are named by where an operator has them; accounts by placeholders.
    const file = text.replace(/secretFile: [^\s,}]+/g, 'secretFile: secret').replace(/[<>]/g, '');
    directories.write(`own/${index}.yaml`, file);
  }
  const catalogue = await loadCatalogue([shippedCatalogue, directories.path('own')]);
  expect(catalogue.connectors.map(({ id }) => id)).toEqual(
    expect.arrayContaining(['google-drive', 'sso', 'salesforce', 'salesforce-uat']),
  );
});

test('the example verdicts are rules', async () => {
  const verdicts = examples.find((text) => text.startsWith('verdicts:')) ?? '';
  directories.write('own/x.yaml', `${stringify({ id: 'box' })}${verdicts}`);
  const catalogue = await loadCatalogue([shippedCatalogue, directories.path('own')]);
  expect(catalogue.provider('box')?.verdicts).toHaveLength(3);
});

test('each key of a file has its line in the table', () => {
  const table = page.slice(
    page.indexOf('| key | says |'),
    page.indexOf('Pointers are JSON pointers'),
  );
  const keys = Object.keys(ProviderFile.properties).filter((key) => !['id', 'name'].includes(key));
  expect(keys.filter((key) => !table.includes(`\`${key}\``))).toEqual([]);
});
