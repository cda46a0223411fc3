import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { chooseLanes } from './lanes.ts';
import { mongoAnswers } from './mongo-wire.ts';
import { runFacts } from './run-facts.ts';

const { mongodb } = chooseLanes(await runFacts());
const isJava = mongodb.find((lane) => lane !== 'given') === 'java';

/** Processes that run the stand-in on this port, stopped or not. */
function processesOn(port: string): string[] {
  return readdirSync('/proc').filter((name) => {
    try {
      const command = readFileSync(join('/proc', name, 'cmdline'), 'utf8').split('\0');
      return command.includes('MongoStandIn') && command.includes(port);
    } catch {
      return false;
    }
  });
}

// Containers have their own watchman, and only Linux shows all processes as files.
test.skipIf(!isJava || process.platform !== 'linux').each(['run', 'pause'])(
  'no server outlives a test run that was killed with SIGKILL (%s)',
  async (mode) => {
    const parent = spawn(
      process.execPath,
      [join(import.meta.dirname, 'forsaken-server.ts'), mode],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    const [printed] = await once(parent.stdout, 'data');
    const { port } = new URL(String(printed).trim());
    expect(processesOn(port)).toHaveLength(1);
    expect(await mongoAnswers(Number(port))).toBe(mode === 'run');
    const ended = once(parent, 'exit');
    parent.kill('SIGKILL');
    await ended;
    await vi.waitFor(() => expect(processesOn(port)).toEqual([]), {
      timeout: 20_000,
      interval: 50,
    });
  },
);
