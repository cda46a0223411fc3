import { randomBytes } from 'node:crypto';
import type { DataKeyStore, StoredDataKey } from '../store/data-key-store.ts';
import type { KeyEncryptionKey } from './key-encryption-key.ts';

const dataKeyBytes = 32;

/**
 * Makes a data key that is newer than `newest`, also where the clock says otherwise. Undefined: somebody else has made one since that was the
 * newest (there was none, for undefined), which serves as well. Rejects, and adds nothing, where the outer key does not open what is there:
 * then it is not ours.
 */
export async function addDataKey(
  newest: StoredDataKey | undefined,
  options: {
    dataKeys: Pick<DataKeyStore, 'add'>;
    outer: KeyEncryptionKey;
    nowMs: number;
    newKid: (createdAtMs: number) => string;
  },
): Promise<StoredDataKey | undefined> {
  const { dataKeys, outer } = options;
  if (newest) (await outer.unwrap(newest.wrapped, newest.kid)).fill(0);
  const createdAtMs = Math.max(options.nowMs, (newest?.createdAtMs ?? 0) + 1);
  const kid = options.newKid(createdAtMs);
  const key = randomBytes(dataKeyBytes);
  try {
    const wrapped = await outer.wrap(key, kid);
    // Never rely on what was not seen to come back.
    (await outer.unwrap(wrapped, kid)).fill(0);
    const generation = (newest?.generation ?? 0) + 1;
    const added: StoredDataKey = { kid, wrapped, createdAtMs, generation, retiredAtMs: undefined };
    return (await dataKeys.add(added)) ? added : undefined;
  } finally {
    key.fill(0);
  }
}
