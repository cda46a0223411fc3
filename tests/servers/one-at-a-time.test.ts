import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { oneAtATime } from './one-at-a-time.ts';

let directory: string;
let lockFile: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'cr-lock-'));
  lockFile = join(directory, 'below', 'lock');
});
afterEach(() => rmSync(directory, { recursive: true }));

test('work under one lock does not overlap, and a failure does not keep the lock', async () => {
  let inside = 0;
  let most = 0;
  const work = async (index: number) => {
    most = Math.max(most, ++inside);
    await new Promise((turn) => setImmediate(turn));
    inside -= 1;
    if (index % 2 === 0) throw new Error('failed');
  };
  const results = await Promise.allSettled(
    Array.from({ length: 5 }, (_, index) => oneAtATime(lockFile, () => work(index))),
  );
  expect(most).toBe(1);
  expect(results.map(({ status }) => status)).toEqual([
    'rejected',
    'fulfilled',
    'rejected',
    'fulfilled',
    'rejected',
  ]);
});

test('another process is waited for, and its lock is free when it was killed', async () => {
  const program = `
    import { oneAtATime } from ${JSON.stringify(join(import.meta.dirname, 'one-at-a-time.ts'))};
    await oneAtATime(${JSON.stringify(lockFile)}, () => {
      console.log('held');
      return new Promise(() => setInterval(() => undefined, 60_000));
    });`;
  const holder = spawn(process.execPath, ['--input-type=module-typescript', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(holder.stdout, 'data');
  let isHeld = true;
  const mine = oneAtATime(lockFile, async () => isHeld);
  // Long enough for a first try, which is made at once.
  await new Promise((turn) => setImmediate(turn));
  const ended = once(holder, 'exit');
  holder.kill('SIGKILL');
  await ended;
  isHeld = false;
  expect(await mine).toBe(false);
});
