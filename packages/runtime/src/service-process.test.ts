import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const script = `
  import { readSettings, runService } from ${JSON.stringify(join(import.meta.dirname, 'index.ts'))};
  await runService({
    name: 'sample',
    env: process.env,
    internalPort: 0,
    readConfig: (env) => readSettings(env, (s) => ({ greeting: s.text('GREETING') })),
    readEventLogSettings: (s) => s.connectionString('EVENT_LOG_URL', ['memory']),
    openEventLog: async () => ({ problem: () => undefined, close: async () => console.log('log closed') }),
    start: async ({ greeting }) => {
      if (greeting === 'fail') throw new Error('no luck');
      return { address: 'nowhere', readiness: {}, stop: async () => console.log('service stopped') };
    },
  });
`;

async function run(env: Record<string, string>, signalOn?: string) {
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
    env: { ...process.env, ...env },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (signalOn !== undefined && output.includes(signalOn)) child.kill('SIGTERM');
    });
  }
  const [code] = await once(child, 'close');
  return { code, output };
}

test('wrong settings of the service and of the process are named together', async () => {
  const { code, output } = await run({ EVENT_LOG_URL: 'carrier-pigeon:', LOG_LEVEL: 'loud' });
  expect(code).toBe(1);
  for (const name of ['GREETING', 'EVENT_LOG_URL', 'LOG_LEVEL']) expect(output).toContain(name);
});

test('a clock that may be moved is refused in production', async () => {
  const { code, output } = await run({
    ...{ EVENT_LOG_URL: 'memory:', GREETING: 'hello' },
    ...{ CLOCK_MAY_SHIFT: 'true', NODE_ENV: 'production' },
  });
  expect(code).toBe(1);
  expect(output).toContain('CLOCK_MAY_SHIFT must not be true while NODE_ENV is production');
});

test('a signal stops the service before its event log', async () => {
  const { code, output } = await run({ EVENT_LOG_URL: 'memory:', GREETING: 'hello' }, '"ready"');
  expect(code).toBe(0);
  expect(output.indexOf('service stopped')).toBeGreaterThan(0);
  expect(output.indexOf('service stopped')).toBeLessThan(output.indexOf('log closed'));
});

test('a service that cannot start leaves nothing open', async () => {
  const { code, output } = await run({ EVENT_LOG_URL: 'memory:', GREETING: 'fail' });
  expect(code).toBe(1);
  expect(output).toContain('log closed');
});
