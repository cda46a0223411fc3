import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parse } from 'yaml';
import { buf } from './buf.ts';
import { ContractsInvalidError } from './contracts-invalid-error.ts';
import { withoutSourceInfo } from './descriptor-set.ts';
import { findBreakingChanges } from './event-contract/breaking-changes.ts';
import {
  findAsyncApiProblems,
  findExampleProblems,
  findSchemaProblems,
} from './event-contract/contract-validator.ts';
import type { EventContract } from './event-contract/event-contract.ts';
import { bringUpToDate, differences, type Product, readFiles } from './product.ts';

const releasedEvents = 'events/released.asyncapi.yaml';

/** Brings what is made from the protos in `directory` up to date; answers with the files that changed. */
export async function generate(directory: string): Promise<string[]> {
  await buf(directory, ['lint']);
  const protos = await compile(directory);
  const code = await bringUpToDate(directory, await generatedCode(directory, protos));
  // Only now: its examples are written with the generated code.
  const contract = contractFiles(await eventContract(directory, protos));
  return [...code, ...(await bringUpToDate(directory, contract))];
}

/**
 * Throws `ContractsInvalidError` when a proto breaks a lint rule, when a change would break who uses the released
 * contracts (`released.binpb`, `events/released.asyncapi.yaml`), when what is made from the protos is not theirs, or when the event
 * contract contradicts itself.
 */
export async function check(directory: string): Promise<void> {
  await buf(directory, ['lint']);
  await buf(directory, ['breaking', '--against', 'released.binpb']);
  const protos = await compile(directory);
  await refuseStale(directory, await generatedCode(directory, protos));
  const contract = await eventContract(directory, protos);
  await refuseStale(directory, contractFiles(contract));
  await refuseBroken(directory, contract);
}

/** Makes the contracts as they are now the ones that later changes are compared with. */
export async function release(directory: string): Promise<void> {
  await buf(directory, ['build', '--exclude-source-info', '-o', 'released.binpb']);
  const { files } = await eventContract(directory, await compile(directory));
  await writeFile(join(directory, releasedEvents), files.get('asyncapi.yaml') ?? '');
}

/** The protos as a FileDescriptorSet, comments included. */
async function compile(directory: string): Promise<Buffer> {
  return inTemporaryDirectory(async (output) => {
    const path = join(output, 'protos.binpb');
    await buf(directory, ['build', '--as-file-descriptor-set', '-o', path]);
    return readFile(path);
  });
}

async function generatedCode(directory: string, protos: Buffer): Promise<Product> {
  return inTemporaryDirectory(async (output) => {
    await buf(directory, ['generate', '--output', output]);
    const wanted = await readFiles(output, ['generated']);
    wanted.set('generated/descriptor-set.binpb', withoutSourceInfo(protos));
    return { places: ['generated'], wanted };
  });
}

/** With the modules beside the protos, so that a copy of them makes its own, and after its code is up to date. */
async function eventContract(directory: string, protos: Buffer): Promise<EventContract> {
  const path = join(directory, 'event-contract/event-contract.ts');
  const module: typeof import('./event-contract/event-contract.ts') = await import(
    pathToFileURL(path).href
  );
  return module.eventContract(protos);
}

function contractFiles({ files }: EventContract): Product {
  return {
    places: ['events/schemas', 'events/examples', 'events/asyncapi.yaml'],
    wanted: new Map([...files].map(([name, text]) => [`events/${name}`, Buffer.from(text)])),
  };
}

async function refuseStale(directory: string, product: Product): Promise<void> {
  const stale = await differences(directory, product);
  refuse('What is made from the protos is stale; run "npm run generate". It differs in', stale);
}

async function refuseBroken(directory: string, contract: EventContract): Promise<void> {
  const { document, schemas } = contract;
  const problems = [
    ...findAsyncApiProblems(document),
    ...findExampleProblems(document),
    ...findSchemaProblems(schemas, document),
  ];
  refuse('The event contract contradicts itself', problems);
  const released = parse(await readFile(join(directory, releasedEvents), 'utf8'));
  const changes = [
    ...findBreakingChanges(released, document),
    ...findExampleProblems(document, released).map((problem) => `no longer valid: ${problem}`),
  ];
  refuse(`A change breaks who consumes the released events (proto/${releasedEvents})`, changes);
}

function refuse(what: string, lines: readonly string[]): void {
  if (lines.length === 0) return;
  throw new ContractsInvalidError(`${what}:\n${lines.map((line) => `  ${line}`).join('\n')}`);
}

async function inTemporaryDirectory<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'contracts-'));
  try {
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
