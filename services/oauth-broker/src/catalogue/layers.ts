import type { CatalogueFile } from './catalogue-file.ts';

/** The files that make up one provider, each laid over those before it. */
export type Layers = {
  merged: unknown;
  /** `file:line: /pointer`, where a reader has to look for what stands at `pointer`. */
  locate(pointer: string): string;
  /** The file that says what stands at `pointer`. */
  originOf(pointer: string): CatalogueFile;
};

export function layFiles(files: readonly [CatalogueFile, ...CatalogueFile[]]): Layers {
  const newestFirst = files.toReversed();
  const [first] = files;

  /** What is missing is told where it would have to stand: at the nearest key above that some file has. */
  function find(pointer: string): { file: CatalogueFile; line: number } {
    const place = segmentsOf(pointer);
    for (let length = place.length; length > 0; length -= 1) {
      for (const file of newestFirst) {
        const line = file.lineOf(place.slice(0, length));
        if (line !== undefined) return { file, line };
      }
    }
    return { file: newestFirst[0] ?? first, line: 1 };
  }

  return {
    merged: files.map(({ value }) => value).reduce(lay),
    locate(pointer) {
      const { file, line } = find(pointer);
      return `${file.path}:${line}: ${pointer || '/'}`;
    },
    originOf: (pointer) => find(pointer).file,
  };
}

/** Objects are laid over each other key by key, everything else replaces what was there, and null takes it away. */
function lay(below: unknown, above: unknown): unknown {
  if (!isObject(below) || !isObject(above)) return above;
  const merged = new Map(Object.entries(below));
  for (const [key, value] of Object.entries(above)) {
    if (value === null) merged.delete(key);
    else merged.set(key, lay(merged.get(key), value));
  }
  return Object.fromEntries(merged);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function segmentsOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((escaped) => escaped.replaceAll('~1', '/').replaceAll('~0', '~'));
}
