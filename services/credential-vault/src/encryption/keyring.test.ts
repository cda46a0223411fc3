import { randomBytes } from 'node:crypto';
import { beforeEach, expect, test } from 'vitest';
import { memoryDataKeys, silent } from '../testing/sample-keyring.ts';
import type { KeyEncryptionKey } from './key-encryption-key.ts';
import { createKeyring, type Keyring } from './keyring.ts';

let dataKeys: ReturnType<typeof memoryDataKeys>;
let nowMs: number;
let lists: number;
/** Contexts that the outer key does not open. */
let closed: Set<string>;
let unwrapped: Buffer[];
let keyring: Keyring;

const outer: KeyEncryptionKey = {
  place: 'The test key',
  wrap: async (key) => Buffer.from(key).toString('base64url'),
  unwrap: async (wrapped, context) => {
    if (closed.has(context)) throw new Error(`The test key does not open ${context}`);
    const key = Buffer.from(wrapped.split('#')[0] ?? '', 'base64url');
    unwrapped.push(key);
    return key;
  },
  versionOf: () => '',
};

beforeEach(() => {
  dataKeys = memoryDataKeys();
  nowMs = 0;
  lists = 0;
  closed = new Set();
  unwrapped = [];
  const list = () => {
    lists += 1;
    return dataKeys.list();
  };
  keyring = createKeyring({ dataKeys: { list }, outer, logger: silent, monotonicMs: () => nowMs });
});

async function addKey(kid: string): Promise<void> {
  const wrapped = await outer.wrap(randomBytes(32), kid);
  const generation = dataKeys.keys.length + 1;
  await dataKeys.add({ kid, wrapped, createdAtMs: 0, generation, retiredAtMs: undefined });
}

test('the newest key encrypts, and all decrypt', async () => {
  await addKey('key-1');
  await addKey('key-2');
  await keyring.reload();
  expect(keyring.current().kid).toBe('key-2');
  expect(keyring.known('key-1')?.symmetricKeySize).toBe(32);
});

test('a key that another replica has made is found when a token names it, however recent the last look was', async () => {
  await addKey('key-1');
  await keyring.reload();
  await addKey('key-2');
  await keyring.look('key-2');
  expect(keyring.known('key-2')?.symmetricKeySize).toBe(32);
  expect(keyring.current().kid).toBe('key-2');
});

test('a look that begins while an older one runs finds a key that came in between', async () => {
  await addKey('key-1');
  const running = keyring.reload();
  await addKey('key-2');
  await keyring.look('key-2');
  await running;
  expect(keyring.known('key-2')).toBeDefined();
});

test('a key that nobody has is asked for once in a while, and a thousand of them cost no thousand questions', async () => {
  await addKey('key-1');
  await keyring.look('nonsense');
  await keyring.look('nonsense');
  expect(lists).toBe(1);
  nowMs += 10_000;
  await keyring.look('nonsense');
  expect(lists).toBe(2);
  for (let index = 0; index < 1_000; index++) await keyring.look(`nonsense-${index}`);
  expect(lists).toBeLessThanOrEqual(102);
});

test('a newer key that does not open is told, and the one before it goes on encrypting', async () => {
  await addKey('key-1');
  await keyring.reload();
  await addKey('key-2');
  closed.add('key-2');
  await keyring.reload();
  expect(keyring.problem()).toContain('does not open key-2');
  expect(keyring.current().kid).toBe('key-1');
  closed.clear();
  await keyring.reload();
  expect(keyring.problem()).toBeUndefined();
  expect(keyring.current().kid).toBe('key-2');
});

test('a wrapping that this replica could not open at its next start is told now', async () => {
  await addKey('key-1');
  await keyring.reload();
  await dataKeys.rewrap('key-1', dataKeys.keys[0]?.wrapped ?? '', 'by-another-outer-key');
  closed.add('key-1');
  await keyring.reload();
  expect(keyring.problem()).toContain('does not open key-1');
  expect(keyring.current().kid).toBe('key-1');
});

test('nobody encrypts with a retired key, even where no other opens', async () => {
  await addKey('key-1');
  await keyring.reload();
  await dataKeys.retire('key-1', 1);
  await keyring.reload();
  expect(() => keyring.current()).toThrow(
    expect.objectContaining({ code: 'DATA_KEYS_UNAVAILABLE' }),
  );
  expect(keyring.known('key-1')).toBeDefined();
});

test('a replica that has not heard of the keys for minutes does not encrypt: its key may be retired by now', async () => {
  await addKey('key-1');
  await keyring.reload();
  nowMs += 5 * 60_000 + 1;
  expect(() => keyring.current()).toThrow(/could not be read for 300 s/);
  await keyring.reload();
  expect(keyring.current().kid).toBe('key-1');
});

test('removed keys, and all keys at the end, are forgotten, and no bytes of any stay in memory', async () => {
  await addKey('key-1');
  await addKey('key-2');
  await keyring.reload();
  expect(unwrapped).toEqual([Buffer.alloc(32), Buffer.alloc(32)]);
  await dataKeys.remove('key-1');
  await keyring.reload();
  expect(keyring.known('key-1')).toBeUndefined();
  keyring.close();
  expect(keyring.known('key-2')).toBeUndefined();
});
