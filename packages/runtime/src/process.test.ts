import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';

const runtime = JSON.stringify(new URL('./index.ts', import.meta.url).href);

/** Runs a small program and signals it once for each line it prints that asks for it. */
async function run(body: string): Promise<{ exit: string; out: string; err: string }> {
  const child = spawn(
    process.execPath,
    [
      '--input-type=module',
      '--eval',
      `import { runProcess, DomainError, readSettings } from ${runtime};
       import { createServer } from 'node:net';
       const say = (text) => process.stdout.write(text + '\\n');
       const alive = setInterval(() => {}, 1000);
       ${body}`,
    ],
    { stdio: 'pipe' },
  );
  let out = '';
  let err = '';
  let signalled = 0;
  child.stdout.on('data', (chunk) => {
    out += chunk;
    for (const asked = out.split('kill me\n').length - 1; signalled < asked; signalled++)
      child.kill(signalled === 0 ? 'SIGTERM' : 'SIGINT');
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  const [code, signal] = await once(child, 'close');
  return { exit: String(signal ?? code), out: out.replaceAll('kill me\n', ''), err };
}

test('a signal stops what runs, and the process ends well', async () => {
  const result = await run(`
    await runProcess({ start: async () => ({ stop: async () => say('stopped') }) });
    say('kill me');`);
  expect(result).toEqual({ exit: '0', out: 'stopped\n', err: '' });
});

test('a signal during the start stops what the start brought up', async () => {
  const result = await run(`
    await runProcess({ start: async () => {
      const signalled = new Promise((resolve) => process.once('SIGTERM', resolve));
      say('kill me');
      await signalled;
      return { stop: async () => say('stopped') };
    } });`);
  expect(result).toEqual({ exit: '0', out: 'stopped\n', err: '' });
});

test('a second signal ends the wait', async () => {
  const result = await run(`
    await runProcess({ start: async () => ({ stop: () => { say('kill me'); return new Promise(() => {}); } }) });
    say('kill me');`);
  expect(result.exit).toBe('130');
});

test('a stop that takes too long is given up, with a word about it', async () => {
  const result = await run(`
    await runProcess({ drainTimeoutMs: 1, start: async () => ({ stop: () => new Promise(() => {}) }) });
    say('kill me');`);
  expect(result).toMatchObject({
    exit: '1',
    err: 'Not everything could be finished in time; leaving.\n',
  });
});

test.each([
  ['an error of ours', `throw new DomainError('unavailable', 'KEY_MISSING', 'The key is gone.')`],
  ['a wrong setting', `readSettings({}, (s) => s.text('STORE_URL'))`],
  [
    'a port in use',
    `await new Promise((done) => createServer().listen(0, '127.0.0.1', function () {
       createServer().on('error', done).listen(this.address().port, '127.0.0.1');
     })).then((error) => { throw error; })`,
  ],
])('%s at the start is told without a stack', async (_name, failing) => {
  const result = await run(`await runProcess({ start: async () => { ${failing} } });`);
  expect(result.exit).toBe('1');
  expect(result.err).toMatch(/The key is gone|STORE_URL must be set|EADDRINUSE/);
  expect(result.err).not.toContain('    at ');
});

test('a bug at the start is told with its stack', async () => {
  const result = await run(`await runProcess({ start: async () => undefined.name });`);
  expect(result.exit).toBe('1');
  expect(result.err).toMatch(/TypeError.*\n +at /);
});
