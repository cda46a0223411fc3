import type { CandidateStore } from '../store/candidate-store.ts';
import type { CredentialStore } from '../store/credential-store.ts';
import type { DataKeyStore, StoredDataKey } from '../store/data-key-store.ts';

export type Retirement = { kid: string } & (
  | { state: 'in_use' }
  | { state: 'waiting'; removableAtMs: number }
  | { state: 'removed' }
);

/** Twice as long as a replica that hears nothing of the keys goes on encrypting (keyring.ts): what such a one still writes is seen by then. */
const keptMs = 10 * 60_000;

/**
 * Takes data keys out of use that no token needs, oldest first. Never in one step: a key is retired, so that nobody encrypts with it
 * any more, and removed by a later call, if still nothing uses it.
 */
export async function retireDataKeys(
  {
    dataKeys,
    credentials,
    candidates,
  }: {
    dataKeys: DataKeyStore;
    credentials: Pick<CredentialStore, 'countOlderDataKey'>;
    candidates: Pick<CandidateStore, 'countOlderDataKey'>;
  },
  nowMs: number,
): Promise<Retirement[]> {
  const stored = await dataKeys.list();
  const retirements: Retirement[] = [];
  let isFree = true;
  for (const [index, key] of stored.slice(0, -1).entries()) {
    const next = stored[index + 1]?.kid ?? '';
    // What an older key is needed for counts here too, so from the first one that is in use on, all are.
    isFree &&=
      (await credentials.countOlderDataKey(next, 1)) === 0 &&
      (await candidates.countOlderDataKey(next, 1)) === 0;
    retirements.push(
      isFree ? await retire(dataKeys, key, nowMs) : { kid: key.kid, state: 'in_use' },
    );
  }
  return retirements;
}

async function retire(
  dataKeys: DataKeyStore,
  { kid, retiredAtMs }: StoredDataKey,
  nowMs: number,
): Promise<Retirement> {
  if (retiredAtMs === undefined) await dataKeys.retire(kid, nowMs);
  const removableAtMs = (retiredAtMs ?? nowMs) + keptMs;
  if (removableAtMs > nowMs) return { kid, state: 'waiting', removableAtMs };
  await dataKeys.remove(kid);
  return { kid, state: 'removed' };
}
