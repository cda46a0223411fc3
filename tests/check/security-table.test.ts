import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { top } from './source-files.ts';

/** Each `file` of the document with the "names" that follow it. */
function namedTests(): { file: string; name: string }[] {
  const text = readFileSync(join(top, 'docs/security.md'), 'utf8');
  return [...text.matchAll(/`([^`\s]+\.test\.ts)`: ("[^"]+"(?:, "[^"]+")*)/g)].flatMap(
    ([, file = '', names = '']) =>
      [...names.matchAll(/"([^"]+)"/g)].map(([, name = '']) => ({ file, name })),
  );
}

test('each of the thirteen lines of the security document has a test', () => {
  const lines = readFileSync(join(top, 'docs/security.md'), 'utf8').split('\n');
  const numbered = lines.filter((line) => /^\| \d+ \|/.test(line));
  expect(numbered.map((line) => Number(line.split('|')[1]))).toEqual(
    Array.from({ length: 13 }, (_, index) => index + 1),
  );
  for (const line of numbered) expect(line).toMatch(/\.test\.ts`: "/);
});

test('every test that the security document names is there by that name', () => {
  const named = namedTests();
  expect(named.length).toBeGreaterThan(30);
  const missing = named.filter(
    ({ file, name }) => !readFileSync(join(top, file), 'utf8').includes(`'${name}'`),
  );
  expect(missing).toEqual([]);
});
