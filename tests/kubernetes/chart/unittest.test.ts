import { expect } from 'vitest';
import { config } from '../config.ts';
import { chart } from '../helm.ts';
import { chartTest as test } from '../kubernetes-test.ts';
import { tryCommand } from '../run-command.ts';

/** helm-unittest as Helm's plugin, or as a program of its own. */
const runners: [string, ...string[]][] = [['helm', 'unittest'], ['untt']];
const missing =
  "The chart's own suite is not run: helm-unittest is missing (helm plugin install https://github.com/helm-unittest/helm-unittest).";

test('the chart keeps what its own suite promises of each template', async ({ skip }) => {
  const runner = await findRunner();
  if (runner === undefined) {
    if (config.isRequired) throw new Error(missing);
    process.stdout.write(`${missing}\n`);
    return skip(missing);
  }
  const [program, ...args] = runner;
  const { code, stdout, stderr } = await tryCommand(program, [...args, '--strict', chart]);
  expect(code, stdout + stderr).toBe(0);
  expect(stdout).toMatch(/^Tests: +[1-9]\d* passed/m);
});

async function findRunner(): Promise<(typeof runners)[number] | undefined> {
  for (const runner of runners) {
    const [program, ...args] = runner;
    const { code } = await tryCommand(program, [...args, '--help']).catch(() => ({ code: -1 }));
    if (code === 0) return runner;
  }
  return undefined;
}
