import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { SourceFile } from './import-direction.ts';

export const top = resolve(import.meta.dirname, '../..');

/** The hand-written TypeScript of the house's workspaces: what git tracks, or would. */
export function readSourceFiles(): SourceFile[] {
  const folders = ['proto', 'packages', 'services', 'gateway', 'tests'];
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '--', ...folders], {
    cwd: top,
    encoding: 'utf8',
  });
  return listed
    .split('\n')
    .filter(
      (path) =>
        /\.tsx?$/.test(path) && !path.startsWith('proto/generated/') && existsSync(join(top, path)),
    )
    .map((path) => ({ path, text: readFileSync(join(top, path), 'utf8') }));
}
