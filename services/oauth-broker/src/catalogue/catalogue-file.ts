import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';

/** One YAML file of a catalogue that could be read. */
export type CatalogueFile = {
  path: string;
  directory: string;
  value: unknown;
  /** The line of a key or list entry; undefined: it is not in this file. */
  lineOf(place: readonly string[]): number | undefined;
};

/** A catalogue needs no aliases; a few do no harm, and more are a bomb. */
const maxAliasCount = 20;

/** Answers with what is wrong where it is no YAML. */
export async function readCatalogueFile(path: string): Promise<CatalogueFile | string[]> {
  const lineCounter = new LineCounter();
  let document: Document.Parsed;
  try {
    document = parseDocument(await readFile(path, 'utf8'), { lineCounter });
  } catch (cause) {
    return [`${path}: cannot be read (${codeOf(cause)})`];
  }
  if (document.errors.length > 0) {
    return document.errors.map(
      ({ message, linePos }) =>
        `${path}:${linePos?.[0].line ?? 1}: is not readable YAML (${firstLine(message)})`,
    );
  }
  try {
    const value: unknown = document.toJS({ maxAliasCount });
    return {
      path,
      directory: dirname(path),
      value,
      lineOf(place) {
        const offset = offsetOf(document, place);
        return offset === undefined ? undefined : lineCounter.linePos(offset).line;
      },
    };
  } catch (cause) {
    return [
      `${path}:1: is not readable YAML (${cause instanceof Error ? cause.message : 'unknown'})`,
    ];
  }
}

function offsetOf(document: Document.Parsed, place: readonly string[]): number | undefined {
  let node: unknown = document.contents;
  let offset = document.contents?.range?.[0] ?? 0;
  for (const segment of place) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === segment);
      if (!pair || !isScalar(pair.key)) return undefined;
      offset = pair.key.range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      const item = node.items[Number(segment)];
      if (item === undefined) return undefined;
      offset = (item as { range?: [number, number, number] }).range?.[0] ?? offset;
      node = item;
    } else {
      return undefined;
    }
  }
  return offset;
}

export function codeOf(cause: unknown): string {
  return String((cause as { code?: unknown }).code ?? 'unknown error');
}

function firstLine(message: string): string {
  return message.split('\n')[0]?.replace(/:$/, '') ?? '';
}
