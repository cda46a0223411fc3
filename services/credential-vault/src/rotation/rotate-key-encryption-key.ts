import type { KeyEncryptionKey } from '../encryption/key-encryption-key.ts';
import { KeyServiceRefusedError } from '../errors.ts';
import type { DataKeyStore } from '../store/data-key-store.ts';

type Keys = { dataKeys: DataKeyStore; outer: KeyEncryptionKey };

export type OuterRotation = { rewrapped: number; madeNewer: boolean; wrappedBy: string };

/**
 * Wraps every data key with the newest version of the outer key; tokens are not touched. Where some are behind, an earlier run was interrupted, or
 * the key was rotated or replaced elsewhere: then that is finished. Where none is, a newer version is made first.
 */
export async function rotateKeyEncryptionKey(keys: Keys): Promise<OuterRotation> {
  const caughtUp = await rewrapAll(keys);
  if (caughtUp.rewrapped > 0) return { ...caughtUp, madeNewer: false };
  const { outer } = keys;
  if (!outer.makeNewer) {
    throw new KeyServiceRefusedError(
      outer.place,
      'it is rotated where it is kept; rotate it there and call again.',
    );
  }
  await outer.makeNewer();
  return { ...(await rewrapAll(keys)), madeNewer: true };
}

async function rewrapAll({
  dataKeys,
  outer,
}: Keys): Promise<{ rewrapped: number; wrappedBy: string }> {
  const opened: { kid: string; wrapped: string; key: Uint8Array }[] = [];
  try {
    // All of them before anything is written: one that does not open must not be left to an outer key that is about to go.
    for (const { kid, wrapped } of await dataKeys.list()) {
      opened.push({ kid, wrapped, key: await outer.unwrap(wrapped, kid) });
    }
    await outer.prepare?.();
    let rewrapped = 0;
    let wrappedBy = '';
    for (const { kid, wrapped, key } of opened) {
      const anew = await outer.wrap(key, kid);
      wrappedBy = outer.versionOf(anew);
      if (wrappedBy === outer.versionOf(wrapped)) continue;
      (await outer.unwrap(anew, kid)).fill(0);
      if (await dataKeys.rewrap(kid, wrapped, anew)) rewrapped += 1;
    }
    return { rewrapped, wrappedBy };
  } finally {
    for (const { key } of opened) key.fill(0);
  }
}
