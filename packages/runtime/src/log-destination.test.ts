import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openLogDestination } from './log-destination.ts';
import { createLogger } from './logger.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'log-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

test.skipIf(process.platform !== 'linux')(
  'a log on a full disk is told once and ends nothing',
  () => {
    const file = join(directory, 'full.log');
    // Every write to it fails as on a full disk.
    symlinkSync('/dev/full', file);
    const problems: string[] = [];
    const destination = openLogDestination(file, (problem) => problems.push(problem));
    const logger = createLogger({ service: 'test', level: 'info', destination });
    for (let line = 0; line < 1_000; line += 1) logger.info('x'.repeat(2_000));
    expect(problems).toEqual([expect.stringMatching(/full\.log\) cannot be written: ENOSPC/)]);
  },
);

test('a log below a directory that is not there yet is written line by line', () => {
  const file = join(directory, 'data', 'some.log');
  const destination = openLogDestination(file);
  const logger = createLogger({ service: 'test', level: 'info', destination });
  logger.info('one');
  logger.info('two');
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line).msg)).toEqual(['one', 'two']);
});
