import { setTimeout as pause } from 'node:timers/promises';
import { createPeriodic, type Logger, type Periodic } from '@credential-renewal/runtime';
import type { Credential } from '../credential.ts';
import { TokenUnreadableError } from '../errors.ts';
import { openTokens, renewTokens } from '../sealed-tokens.ts';
import { oldestDataKey } from '../store/credential-fields.ts';
import type { DataKeyPlace } from '../store/credential-store.ts';
import type { VaultContext } from '../vault-context.ts';

const batch = 100;
const intervalMs = 60_000;

/**
 * Moves credentials to the newest data key, in every replica and at any time; what is moved is not listed any more, so it goes on wherever it was
 * interrupted. It works half of the time at most: refreshes and reads go on beside it.
 */
export function createKeySweep(vault: VaultContext, logger: Logger): Periodic {
  return createPeriodic({
    name: 'key sweep',
    intervalMs,
    logger,
    run: async (signal) => {
      const { kid } = vault.keys.keyring.current();
      let moved = 0;
      let place: DataKeyPlace | undefined;
      for (;;) {
        const startedMs = performance.now();
        const page = await vault.store.listOlderDataKey(kid, place, batch);
        place = page.at(-1);
        if (!place || signal.aborted) break;
        const ids = page.map(({ id }) => id).filter((id) => !vault.undecryptable.has(id));
        const results = await Promise.all(ids.map((id) => moveToNewestKey(vault, id)));
        moved += results.filter(Boolean).length;
        await pause(performance.now() - startedMs, undefined, { signal }).catch(() => undefined);
      }
      if (moved > 0) logger.info({ moved, kid }, 'credentials were moved to the newest data key');
    },
  });
}

/** Whether it was moved. One that cannot be opened stays as it is, and is told of. */
async function moveToNewestKey(vault: VaultContext, id: string): Promise<boolean> {
  const seen = await vault.store.find(id);
  if (!seen) return false;
  const owner = { accountId: seen.accountId, recordId: id };
  try {
    // Opened here so that keys of other replicas are looked for; below there is no time to wait.
    for (const tokens of [seen.tokens, seen.spare]) {
      if (!tokens) continue;
      await openTokens(vault.cipher, tokens, owner);
      if (tokens.hints) await vault.cipher.decrypt(tokens.hints, { ...owner, field: 'hints' });
    }
  } catch (error) {
    if (error instanceof TokenUnreadableError) return false;
    throw error;
  }
  let isMoved = false;
  await vault.store.update(id, (current) => {
    const credential = underNewestKey(vault, current);
    isMoved = credential !== undefined;
    return credential && { credential, events: [] };
  });
  return isMoved;
}

/** The credential to write; also one that is there already, since it was listed by a field that says otherwise (written by an older release). */
function underNewestKey(
  { cipher, keys }: VaultContext,
  current: Credential,
): Credential | undefined {
  const owner = { accountId: current.accountId, recordId: current.id };
  const moved: Credential = {
    ...current,
    tokens: renewTokens(cipher, current.tokens, owner),
    spare: current.spare && renewTokens(cipher, current.spare, owner),
  };
  const isNewest = oldestDataKey(moved.tokens, moved.spare) === keys.keyring.current().kid;
  return isNewest ? moved : undefined;
}
