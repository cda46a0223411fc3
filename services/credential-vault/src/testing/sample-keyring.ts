import { createLogger } from '@credential-renewal/runtime';
import type { KeyEncryptionKey } from '../encryption/key-encryption-key.ts';
import { createKeyring, type Keyring } from '../encryption/keyring.ts';
import type { DataKeyStore, StoredDataKey } from '../store/data-key-store.ts';

export const silent = createLogger({ service: 'test', level: 'silent' });

/** A store of data keys in memory, as the law has it. */
export function memoryDataKeys(): DataKeyStore & { keys: StoredDataKey[] } {
  const keys: StoredDataKey[] = [];
  const change = (kid: string, matches: boolean, changes: Partial<StoredDataKey>) => {
    const index = keys.findIndex((key) => key.kid === kid);
    const found = keys[index];
    if (found && matches) keys[index] = { ...found, ...changes };
  };
  return {
    keys,
    list: async () => [...keys],
    add: async (key) => {
      if (keys.some(({ generation }) => generation === key.generation)) return false;
      keys.push(key);
      return true;
    },
    rewrap: async (kid, from, to) => {
      const matches = keys.some((key) => key.kid === kid && key.wrapped === from);
      change(kid, matches, { wrapped: to });
      return matches;
    },
    retire: async (kid, atMs) => {
      change(kid, true, { retiredAtMs: atMs });
    },
    remove: async (kid) => {
      keys.splice(0, keys.length, ...keys.filter((key) => key.kid !== kid));
    },
  };
}

/** Wraps nothing: what stands in the store is the key itself. */
const noOuterKey: KeyEncryptionKey = {
  place: 'No key',
  wrap: async (key) => Buffer.from(key).toString('base64url'),
  unwrap: async (wrapped) => Buffer.from(wrapped, 'base64url'),
  versionOf: () => '',
};

/** A keyring with these keys, oldest first. */
export async function keyringOf(
  ...entries: readonly (readonly [kid: string, key: Uint8Array])[]
): Promise<Keyring> {
  const dataKeys = memoryDataKeys();
  for (const [index, [kid, key]] of entries.entries()) {
    const wrapped = await noOuterKey.wrap(key, kid);
    await dataKeys.add({
      ...{ kid, wrapped, createdAtMs: index, generation: index + 1, retiredAtMs: undefined },
    });
  }
  const keyring = createKeyring({ dataKeys, outer: noOuterKey, logger: silent });
  await keyring.reload();
  return keyring;
}
