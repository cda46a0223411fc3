import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { loadCatalogue } from './load-catalogue.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'catalogue-'));
  writeFileSync(join(directory, 'secret'), 'planted-secret\n');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const entry = {
  id: 'orchard',
  name: 'Orchard Drive',
  issuer: 'https://orchard.example',
  client: { id: 'our-client', secretFile: 'secret', authentication: 'client_secret_basic' },
  accessToken: { lifetimeSeconds: 3600 },
  identity: { kind: 'user', call: 'userinfo', key: '/sub', label: '/email' },
  deadErrors: [{ error: 'invalid_grant' }],
  connectors: [{ id: 'orchard-drive', name: 'Orchard Drive', kind: 'personal', scopes: [] }],
};

const write = (file: string, content: unknown) =>
  writeFileSync(join(directory, file), typeof content === 'string' ? content : stringify(content));

async function problems(): Promise<readonly string[]> {
  const error = await loadCatalogue(directory).then(
    () => undefined,
    (caught: unknown) => caught,
  );
  expect(error).toMatchObject({ code: 'CATALOGUE_INVALID' });
  return (error as { problems: readonly string[] }).problems;
}

test('providers and connectors are found, secrets read, and nobody is contacted', async () => {
  write('orchard.yaml', entry);
  const catalogue = await loadCatalogue(directory);
  expect(catalogue.provider('orchard')?.clientSecret).toBe('planted-secret');
  expect(catalogue.connector('orchard-drive')?.provider.id).toBe('orchard');
});

test('everything that is wrong is told at once, with file and pointer', async () => {
  write('broken.yaml', 'id: [');
  write('orchard.yaml', { ...entry, accessToken: { lifetimeSeconds: 0 }, colour: 'red' });
  write('plain.yaml', {
    ...entry,
    id: 'plain',
    issuer: 'http://plain.example',
    connectors: [{ ...entry.connectors[0], id: 'plain' }],
  });
  const told = (await problems()).join('\n');
  expect(told).toContain('broken.yaml: is not readable YAML');
  expect(told).toContain('orchard.yaml#: unknown key colour');
  expect(told).toContain('orchard.yaml#/accessToken/lifetimeSeconds');
  expect(told).toContain('plain.yaml#/issuer: must be https:');
});

test('ids are unique over all files', async () => {
  write('a.yaml', entry);
  write('b.yaml', entry);
  expect(await problems()).toEqual([
    'b.yaml#/id: the provider id orchard is taken by a.yaml#/id',
    'b.yaml#/connectors/0/id: the connector id orchard-drive is taken by a.yaml#/connectors/0/id',
  ]);
});

test('a missing secret is told by the name of its file', async () => {
  write('orchard.yaml', { ...entry, client: { ...entry.client, secretFile: 'absent' } });
  const [problem] = await problems();
  expect(problem).toMatch(
    /^orchard\.yaml#\/client\/secretFile: .*absent cannot be read \(ENOENT\)$/,
  );
});

test('a catalogue cannot switch off a defence', async () => {
  write('orchard.yaml', {
    ...entry,
    authorizationParameters: { response_type: 'token', code_challenge_method: 'plain' },
  });
  expect(await problems()).toEqual([
    'orchard.yaml#/authorizationParameters/response_type: is set by the broker and cannot be configured',
    'orchard.yaml#/authorizationParameters/code_challenge_method: is set by the broker and cannot be configured',
  ]);
});

test('an empty or absent directory is told', async () => {
  expect(await problems()).toEqual([`${directory}: holds no *.yaml file`]);
  rmSync(directory, { recursive: true });
  expect(await problems()).toEqual([`${directory}: cannot be read (ENOENT)`]);
});
