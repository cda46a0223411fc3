import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

/** Content by path, relative to a directory. */
type Files = Map<string, Buffer>;

/** Files that are made from others, and the places (folders or files) where nothing else may lie. */
export type Product = { places: readonly string[]; wanted: Files };

/** Writes what is missing or differs and removes what is left over; answers with those names. */
export async function bringUpToDate(directory: string, product: Product): Promise<string[]> {
  const changed = await differences(directory, product);
  // Only what differs is touched: others may be importing these files right now.
  for (const name of changed) {
    const path = join(directory, name);
    const content = product.wanted.get(name);
    if (content === undefined) {
      await rm(path);
    } else {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, content);
    }
  }
  return changed;
}

/** Names of the files that are not as they should be. */
export async function differences(
  directory: string,
  { places, wanted }: Product,
): Promise<string[]> {
  const found = await readFiles(directory, places);
  const names = new Set([...wanted.keys(), ...found.keys()]);
  return [...names].filter((name) => !isSame(wanted.get(name), found.get(name))).sort();
}

function isSame(a: Buffer | undefined, b: Buffer | undefined): boolean {
  return a !== undefined && b !== undefined && a.equals(b);
}

/** The files in these places of `directory`, as far as they exist. */
export async function readFiles(directory: string, places: readonly string[]): Promise<Files> {
  const files: Files = new Map();
  for (const place of places) {
    const root = join(directory, place);
    const kind = await stat(root).catch(() => undefined);
    const entries = kind?.isDirectory()
      ? await readdir(root, { recursive: true, withFileTypes: true })
      : [];
    const paths = entries.filter((entry) => entry.isFile()).map(pathOfEntry);
    for (const path of kind?.isFile() ? [root] : paths) {
      files.set(relative(directory, path), await readFile(path));
    }
  }
  return files;
}

function pathOfEntry({ parentPath, name }: { parentPath: string; name: string }): string {
  return join(parentPath, name);
}
