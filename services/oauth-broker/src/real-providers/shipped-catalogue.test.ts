import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { ProviderFile } from '../catalogue/catalogue-schema.ts';
import { loadCatalogue } from '../catalogue/load-catalogue.ts';
import { shippedCatalogue } from '../testing/fake-providers/fake-provider.ts';

const files = readdirSync(shippedCatalogue);
const fileOf = (name: string): ProviderFile =>
  parse(readFileSync(join(shippedCatalogue, name), 'utf8'));

test('the shipped files are usable as they are, and offer nothing before there is a client', async () => {
  const catalogue = await loadCatalogue([shippedCatalogue]);
  expect(catalogue.providers).toHaveLength(8);
  expect(catalogue.connectors).toEqual([]);
});

describe.each(files)('%s', (name) => {
  const file = fileOf(name);

  test('names a source, or says unverified, for every fact', () => {
    const named = (file.sources ?? []).flatMap(({ facts }) => facts);
    const covered = (pointer: string) =>
      named.some((fact) => pointer === fact || pointer.startsWith(`${fact}/`));
    const unsourced = leaves(file).filter((pointer) => !covered(pointer));
    expect(unsourced).toEqual([]);
  });

  test('says what it has to for a renewal: lives, rotation, identity, deaths and faults of ours', () => {
    expect(file).toMatchObject({ accessToken: {}, refreshToken: { rotation: expect.any(String) } });
    expect(file.identity?.kind).toBeDefined();
    const classes = new Set(file.verdicts?.map((rule) => rule.class));
    expect(classes).toContain('dead');
    expect(classes).toContain('operator');
    const kinds = new Set(Object.values(file.connectors ?? {}).map(({ kind }) => kind));
    expect(kinds.size).toBeGreaterThan(0);
  });
});

test('no provider has its name in code: what is peculiar about it is data', () => {
  const names =
    /\b(google|microsoft|entra|azure|slack|salesforce|atlassian|jira|box|dropbox|zendesk)\b/i;
  const source = new URL('..', import.meta.url).pathname;
  const code = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(
    (path) =>
      path.endsWith('.ts') && !/\.(test|contract)\.ts$|^testing\/|^real-providers\//.test(path),
  );
  expect(code.length).toBeGreaterThan(50);
  // Protobuf's own types are Google's, and have it in their path.
  const spared = /\/\*[\s\S]*?\*\/|\/\/.*$|proto\/google\//gm;
  const named = code.filter((path) =>
    names.test(readFileSync(join(source, path), 'utf8').replace(spared, '')),
  );
  expect(named).toEqual([]);
});

/** Every value of a file that says something about the provider, by its pointer. */
function leaves(file: ProviderFile): string[] {
  const { id: _, name: __, sources: ___, connectors = {}, ...facts } = file;
  const about = {
    ...facts,
    // How a connector is called and for whom it is are our own choice.
    connectors: Object.fromEntries(
      Object.entries(connectors).map(([id, { scopes, identity }]) => [id, { scopes, identity }]),
    ),
  };
  const walk = (value: unknown, pointer: string): string[] =>
    typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([key, part]) =>
          walk(part, `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`),
        )
      : value === undefined
        ? []
        : [pointer];
  return walk(about, '');
}
