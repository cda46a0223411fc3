import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { KeySettings } from '../encryption/key-settings.ts';
import { type FakeTransit, startFakeTransit } from '../testing/fake-transit.ts';
import { startVault, type VaultUnderTest } from '../testing/vault-under-test.ts';
import { type RotationCommand, readCommand, runRotation } from './rotation-command.ts';

let directory: string;
let running: VaultUnderTest;
let told: string[];
let transit: FakeTransit | undefined;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'rotation-'));
  told = [];
  running = await startVault({ directory });
});
afterEach(async () => {
  await running.stop();
  await transit?.stop();
  transit = undefined;
  rmSync(directory, { recursive: true });
});

const keyFile = () => join(directory, 'vault.key');
const file = () => ({ kind: 'file', path: keyFile() }) as const;

async function restart(keys?: Partial<KeySettings>): Promise<void> {
  const { clock } = running;
  await running.stop();
  const settings = { keyEncryptionKey: file(), previousKeyEncryptionKey: undefined, ...keys };
  running = await startVault({ directory, clock, config: { keys: settings } });
}

const run = (command: RotationCommand) =>
  runRotation(command, {
    vault: running.keys,
    write: (line) => told.push(line),
    pollMs: 10,
    patienceMs: 500,
  });
const dataKey = { kind: 'data_key', evenIfUnfinished: false } as const;
const outerKey = { kind: 'key_encryption_key' } as const;
const retire = { kind: 'retire_data_keys' } as const;

async function authorizeMany(count: number): Promise<Map<string, string>> {
  const ids = new Map<string, string>();
  const names = Array.from({ length: count }, (_, index) => `credential-${index}`);
  await Promise.all(names.map(async (name) => ids.set(name, await running.authorize(name))));
  return ids;
}

async function expectReadable(ids: Map<string, string>): Promise<void> {
  for (const [name, credentialId] of ids) {
    const { accessToken } = await running.vault.readAccessToken({ credentialId });
    expect(accessToken).toBe(`planted-access-${name}`);
  }
}

const kids = async () => (await running.keys.getKeys({})).dataKeys.map(({ kid }) => kid);

test('a new data key encrypts, all credentials move to it while they are read, and it is told how far they are', async () => {
  const ids = await authorizeMany(250);
  const rotation = run(dataKey);
  let isOver = false;
  void rotation.then(() => {
    isOver = true;
  });
  while (!isOver) await expectReadable(new Map([...ids].slice(0, 20)));
  expect(await rotation).toBe(0);
  const [, newest] = await kids();
  expect(told[0]).toBe(`Data key ${newest} encrypts from now on.`);
  expect(told).toContainEqual(expect.stringMatching(/^\d+ credentials to move$/));
  expect(told.at(-1)).toBe('All credentials are encrypted with the newest data key.');
  await expectReadable(ids);
});

test('a rotation that was interrupted goes on by itself after a restart', async () => {
  const ids = await authorizeMany(150);
  await running.keys.addDataKey({ evenIfUnfinished: false });
  await restart();
  await vi.waitFor(async () => expect((await running.keys.getKeys({})).recordsToMove).toBe(0));
  expect(await kids()).toHaveLength(2);
  await expectReadable(ids);
});

test('the command itself can be killed and given again, and ends when all are moved', async () => {
  const ids = await authorizeMany(400);
  const command = join(import.meta.dirname, '..', 'rotate-keys.ts');
  const env = { ...process.env, VAULT_ADDRESS: running.address };
  const killed = spawn(process.execPath, [command, '--data-key'], { env });
  await once(killed.stdout, 'data');
  killed.kill('SIGKILL');
  await once(killed, 'close');
  const again = spawn(process.execPath, [command, '--data-key'], { env });
  let output = '';
  again.stdout.on('data', (chunk) => (output += chunk));
  const [exitCode] = await once(again, 'close');
  expect(exitCode).toBe(0);
  expect(output.trimEnd().split('\n').at(-1)).toBe(
    'All credentials are encrypted with the newest data key.',
  );
  await expectReadable(ids);
}, 60_000);

test('a command without the address of a vault says so', async () => {
  const command = join(import.meta.dirname, '..', 'rotate-keys.ts');
  const { VAULT_ADDRESS: _, ...env } = process.env;
  const child = spawn(process.execPath, [command, '--status'], { env });
  let told = '';
  child.stderr.on('data', (chunk) => (told += chunk));
  const [exitCode] = await once(child, 'close');
  expect([exitCode, told]).toEqual([1, expect.stringContaining('VAULT_ADDRESS must be set')]);
});

test('an old data key is retired when nothing needs it, and removed only when every replica has heard of it', async () => {
  const ids = await authorizeMany(3);
  const [old] = await kids();
  await running.vault.storeCandidate({
    ...{ transactionId: 'under-way', accountId: 'acme', credentialId: undefined },
    tokens: { ...emptyTokenSet, accessToken: 'planted' },
  });
  await run(dataKey);
  expect(told.at(-1)).toMatch(/^1 authorization under way will end within a day/);
  await run(retire);
  expect(told.at(-1)).toMatch(`Data key ${old} stays`);
  await running.vault.dropCandidate({ transactionId: 'under-way' });
  await run(retire);
  expect(told.at(-1)).toMatch(`Data key ${old} is retired. It can be removed from`);
  await run(retire);
  expect(await kids()).toHaveLength(2);
  running.clock.advance(10 * 60_000);
  await run(retire);
  expect(told.at(-1)).toBe(`Data key ${old} was removed.`);
  expect(await kids()).toHaveLength(1);
  await restart();
  await expectReadable(ids);
  await run(retire);
  expect(told.at(-1)).toBe('There is one data key, and it is in use.');
});

const emptyTokenSet = {
  refreshToken: undefined,
  expiresIn: undefined,
  refreshExpiresIn: undefined,
  refreshLifeAbsolute: false,
  kept: {},
  scopes: [],
};

test('a newer key in the file wraps all data keys, and the older one can then be taken out', async () => {
  const ids = await authorizeMany(2);
  await run(dataKey);
  await run(outerKey);
  expect(told.at(-1)).toMatch(/newer version .* was made; 2 data keys wrapped with it \(/);
  const newest = readFileSync(keyFile(), 'utf8').trim().split('\n').at(-1) ?? '';
  writeFileSync(keyFile(), newest);
  await restart();
  await expectReadable(ids);
});

test('a key that was added by hand is taken up, and no further one is made', async () => {
  await run(dataKey);
  const text = `${readFileSync(keyFile(), 'utf8')}${Buffer.alloc(32, 9).toString('base64url')}\n`;
  writeFileSync(keyFile(), text);
  await run(outerKey);
  expect(told.at(-1)).toMatch(/^2 data keys wrapped with the newest key-encryption key, which was/);
  expect(readFileSync(keyFile(), 'utf8')).toBe(text);
});

test('the vault moves from a key file to a Transit key and back while it serves, and each key is then needed alone', async () => {
  const ids = await authorizeMany(2);
  transit = await startFakeTransit();
  writeFileSync(join(directory, 'token'), 'hvs.first');
  const inTransit = {
    ...({ kind: 'transit', origin: transit.origin, mount: 'transit', keyName: 'vault' } as const),
    ...{ tokenFile: join(directory, 'token'), namespace: undefined, caFile: undefined },
    timeoutMs: 2_000,
  };
  await restart({ keyEncryptionKey: inTransit, previousKeyEncryptionKey: file() });
  await run(outerKey);
  expect(told.at(-1)).toMatch(/^1 data key wrapped .*:vault:v1\)/);
  await run(outerKey);
  expect(told.at(-1)).toMatch(/newer version .*:vault:v2\)/);
  for (const secret of ['hvs.first', readFileSync(keyFile(), 'utf8').trim()])
    expect(running.log() + told.join()).not.toContain(secret);
  rmSync(keyFile());
  await restart({ keyEncryptionKey: inTransit });
  await expectReadable(ids);

  // Back, into a file that is not there yet.
  await restart({ keyEncryptionKey: file(), previousKeyEncryptionKey: inTransit });
  expect(existsSync(keyFile())).toBe(false);
  await run(outerKey);
  await transit.stop();
  await restart();
  await expectReadable(ids);
});

test('a Transit key that is gone, sealed or refused is told at start by name', async () => {
  transit = await startFakeTransit();
  writeFileSync(join(directory, 'token'), 'hvs.first');
  const settings = {
    ...({ kind: 'transit', origin: transit.origin, mount: 'transit', keyName: 'vault' } as const),
    ...{ tokenFile: join(directory, 'token'), namespace: undefined, caFile: undefined },
    timeoutMs: 500,
  };
  const other = mkdtempSync(join(directory, 'other-'));
  const keys = { keyEncryptionKey: settings, previousKeyEncryptionKey: undefined };
  const start = () => startVault({ directory: other, config: { keys } });
  await (await start()).stop();

  transit.sealed = true;
  await expect(start()).rejects.toMatchObject({ code: 'KEY_SERVICE_UNAVAILABLE' });
  transit.sealed = false;
  transit.tokens.clear();
  await expect(start()).rejects.toMatchObject({ code: 'KEY_SERVICE_REFUSED' });
  transit.tokens.add('hvs.first');
  transit.keys.clear();
  transit.mayCreate = true;
  await expect(start()).rejects.toMatchObject({ code: 'KEY_MISSING' });
  expect(transit.keys.size).toBe(0);
});

test('no data key is added while the outer key does not open what is there', async () => {
  await authorizeMany(1);
  writeFileSync(keyFile(), Buffer.alloc(32, 7).toString('base64url'));
  await expect(run(dataKey)).rejects.toMatchObject({ code: 'KEY_MISMATCH' });
  await expect(run(outerKey)).rejects.toMatchObject({ code: 'KEY_MISMATCH' });
  expect(await kids()).toHaveLength(1);
});

test('the command asks for exactly one thing', () => {
  expect(() => readCommand({})).toThrow(/exactly one/);
  expect(() => readCommand({ 'data-key': true, status: true })).toThrow(/exactly one/);
  expect(readCommand({ help: true })).toMatch(/VAULT_ADDRESS/);
});

test('the status names every key and what is wrong', async () => {
  await run({ kind: 'status' });
  expect(told).toEqual([
    `Key-encryption key: The key file ${keyFile()}`,
    expect.stringMatching(/^Data key .*: made .*, encrypts, wrapped by [\w-]{12}$/),
    'Credentials to move to the newest data key: 0',
  ]);
});
