import { readdir, readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { Value } from 'typebox/value';
import { parse } from 'yaml';
import { CatalogueInvalidError } from '../errors.ts';
import { type Catalogue, createCatalogue, type Provider } from './catalogue.ts';
import { ProviderEntry } from './catalogue-schema.ts';
import { checkProvider } from './check-provider.ts';

type Loaded = { file: string; provider: Provider };

/**
 * Reads every `*.yaml` of a directory, one provider each, and the secret files they name (relative to the directory).
 * Everything that is wrong is told at once, with file and JSON pointer (RFC 6901). No provider is contacted.
 */
export async function loadCatalogue(directory: string): Promise<Catalogue> {
  const problems: string[] = [];
  const loaded: Loaded[] = [];
  for (const file of await listFiles(directory)) {
    const provider = await loadProvider(directory, file, problems);
    if (provider) loaded.push({ file, provider });
  }
  if (loaded.length === 0 && problems.length === 0)
    problems.push(`${directory}: holds no *.yaml file`);
  problems.push(...findDuplicates(loaded));
  if (problems.length > 0) throw new CatalogueInvalidError(problems);
  return createCatalogue(loaded.map(({ provider }) => provider));
}

async function listFiles(directory: string): Promise<string[]> {
  try {
    return (await readdir(directory)).filter((name) => name.endsWith('.yaml')).sort();
  } catch (cause) {
    throw new CatalogueInvalidError([`${directory}: cannot be read (${codeOf(cause)})`]);
  }
}

async function loadProvider(
  directory: string,
  file: string,
  problems: string[],
): Promise<Provider | undefined> {
  let content: unknown;
  try {
    content = parse(await readFile(join(directory, file), 'utf8'));
  } catch (cause) {
    problems.push(`${file}: is not readable YAML (${firstLine(cause)})`);
    return undefined;
  }
  const found = [...Value.Errors(ProviderEntry, content)].map(
    (error) => `${file}#${error.instancePath}: ${explain(error)}`,
  );
  if (found.length > 0 || !Value.Check(ProviderEntry, content)) {
    problems.push(...new Set(found));
    return undefined;
  }
  problems.push(
    ...checkProvider(content).map(({ pointer, text }) => `${file}#${pointer}: ${text}`),
  );
  const clientSecret = await readSecret(directory, file, content, problems);
  return { ...content, clientSecret };
}

async function readSecret(
  directory: string,
  file: string,
  { client }: ProviderEntry,
  problems: string[],
): Promise<string | undefined> {
  if (client.secretFile === undefined) return undefined;
  const path = resolve(directory, client.secretFile);
  try {
    const secret = (await readFile(path, 'utf8')).trim();
    if (secret) return secret;
    problems.push(`${file}#/client/secretFile: ${basename(path)} is empty`);
  } catch (cause) {
    problems.push(`${file}#/client/secretFile: ${path} cannot be read (${codeOf(cause)})`);
  }
  return undefined;
}

function findDuplicates(loaded: readonly Loaded[]): string[] {
  const seen = new Map<string, string>();
  const problems: string[] = [];
  const claim = (kind: string, id: string, where: string) => {
    const first = seen.get(`${kind} ${id}`);
    if (first) problems.push(`${where}: the ${kind} id ${id} is taken by ${first}`);
    else seen.set(`${kind} ${id}`, where);
  };
  for (const { file, provider } of loaded) {
    claim('provider', provider.id, `${file}#/id`);
    provider.connectors.forEach(({ id }, index) => {
      claim('connector', id, `${file}#/connectors/${index}/id`);
    });
  }
  return problems;
}

function explain(error: { keyword: string; message: string; params: object }): string {
  const { additionalProperties } = error.params as { additionalProperties?: unknown };
  return error.keyword === 'additionalProperties' && Array.isArray(additionalProperties)
    ? `unknown key ${additionalProperties.join(', ')}`
    : error.message;
}

function codeOf(cause: unknown): string {
  return String((cause as { code?: unknown }).code ?? 'unknown error');
}

function firstLine(cause: unknown): string {
  return cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause);
}
