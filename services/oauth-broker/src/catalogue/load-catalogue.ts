import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Value } from 'typebox/value';
import { CatalogueInvalidError } from '../errors.ts';
import { type Catalogue, type CatalogueProvider, createCatalogue } from './catalogue.ts';
import { type CatalogueFile, codeOf, readCatalogueFile } from './catalogue-file.ts';
import { ProviderFile } from './catalogue-schema.ts';
import { checkProvider } from './check-provider.ts';
import { checkSources } from './check-sources.ts';
import { completeEntry } from './complete-entry.ts';
import { explainSchemaErrors, type Problem } from './explain-schema-errors.ts';
import { type Layers, layFiles } from './layers.ts';
import { loadClients } from './load-client.ts';

type Loaded = { layers: Layers; provider: CatalogueProvider };

/**
 * Reads every `*.yaml` of the directories, one provider each, and the secret files they name. A file of a later directory
 * is laid over the one with the same `id` of an earlier. Everything that is wrong is told at once, with file, line and JSON
 * pointer (RFC 6901). No provider is contacted.
 */
export async function loadCatalogue(directories: readonly string[]): Promise<Catalogue> {
  const problems: string[] = [];
  const byId = new Map<string, [CatalogueFile, ...CatalogueFile[]]>();
  for (const directory of directories) {
    for (const [id, file] of await readDirectory(directory, problems)) {
      const below = byId.get(id);
      if (below) below.push(file);
      else byId.set(id, [file]);
    }
  }
  const loaded: Loaded[] = [];
  for (const files of byId.values()) {
    const found = await loadProvider(layFiles(files), problems);
    if (found) loaded.push(found);
  }
  problems.push(...findDuplicateConnectors(loaded));
  if (problems.length > 0) throw new CatalogueInvalidError(problems);
  return createCatalogue(loaded.map(({ provider }) => provider));
}

/** The files of one directory by the id of their provider, which is there only once. */
async function readDirectory(
  directory: string,
  problems: string[],
): Promise<Map<string, CatalogueFile>> {
  const files = new Map<string, CatalogueFile>();
  let names: string[];
  try {
    names = (await readdir(directory)).filter((name) => /\.ya?ml$/.test(name)).sort();
  } catch (cause) {
    problems.push(`${directory}: cannot be read (${codeOf(cause)})`);
    return files;
  }
  if (names.length === 0) problems.push(`${directory}: holds no *.yaml file`);
  for (const name of names) {
    const file = await readCatalogueFile(join(directory, name));
    if (Array.isArray(file)) {
      problems.push(...file);
      continue;
    }
    const id = idOf(file.value);
    if (id === undefined) {
      problems.push(`${file.path}:${file.lineOf(['id']) ?? 1}: /id: must be there, and a text`);
      continue;
    }
    const first = files.get(id);
    if (first) {
      const taken = `${first.path}:${first.lineOf(['id'])}`;
      problems.push(
        `${file.path}:${file.lineOf(['id'])}: /id: the provider id ${id} is taken by ${taken}`,
      );
    } else {
      files.set(id, file);
    }
  }
  return files;
}

function idOf(value: unknown): string | undefined {
  const id = (value as { id?: unknown } | null)?.id;
  return typeof id === 'string' ? id : undefined;
}

async function loadProvider(layers: Layers, problems: string[]): Promise<Loaded | undefined> {
  const tell = ({ pointer, text }: Problem) => problems.push(`${layers.locate(pointer)}: ${text}`);
  const { merged } = layers;
  explainSchemaErrors(ProviderFile, merged).forEach(tell);
  if (!Value.Check(ProviderFile, merged)) return undefined;
  const wrong = [
    ...checkProvider(merged),
    ...checkSources(merged.sources, layers.originOf('/sources').value),
  ];
  wrong.forEach(tell);
  const clients = await loadClients(merged, layers, tell);
  if (wrong.length > 0) return undefined;
  return { layers, provider: { ...completeEntry(merged), clients } };
}

function findDuplicateConnectors(loaded: readonly Loaded[]): string[] {
  const seen = new Map<string, string>();
  const problems: string[] = [];
  for (const { layers, provider } of loaded) {
    for (const id of Object.keys(provider.connectors)) {
      const where = layers.locate(`/connectors/${id}`);
      const first = seen.get(id);
      if (first) problems.push(`${where}: the connector id ${id} is taken by ${first}`);
      else seen.set(id, where);
    }
  }
  return problems;
}
