import { createSecretKey, type KeyObject } from 'node:crypto';
import type { Logger } from '@credential-renewal/runtime';
import { DataKeysUnavailableError } from '../errors.ts';
import type { DataKeyStore, StoredDataKey } from '../store/data-key-store.ts';
import type { KeyEncryptionKey } from './key-encryption-key.ts';

/** The data keys, unwrapped. The newest encrypts; all decrypt. */
export type Keyring = {
  /** Throws DataKeysUnavailableError where what is known of the keys is too old, or only retired ones can be opened. */
  current(): { kid: string; key: KeyObject };
  known(kid: string): KeyObject | undefined;
  /** Asks the store for a key that is not known: another replica may have made it a moment ago. Bounded, so that nonsense costs little. */
  look(kid: string): Promise<void>;
  /** Reads the list anew: what others have made, retired and removed. Never rejects for a single key that does not open. */
  reload(): Promise<void>;
  /** Undefined: all data keys are open. Otherwise which are not, and why. */
  problem(): string | undefined;
  /** Forgets the keys. */
  close(): void;
};

/** A key object is made once: it ciphers three times as fast as bytes do, and OpenSSL overwrites it when it is freed. */
type OpenKey = { key: KeyObject; wrapped: string };

/** Half of the time that a retired key is kept (retire-data-keys.ts): whoever has not heard of that by then must not encrypt. */
const longestSilenceMs = 5 * 60_000;
/** How long a key that the store does not have is not asked for again. */
const absentMs = 10_000;
const mostAbsent = 100;

/**
 * The keyring over what `dataKeys` holds; empty until the first `reload`. `monotonicMs` measures waits, whatever the wall clock does.
 */
export function createKeyring(deps: {
  dataKeys: Pick<DataKeyStore, 'list'>;
  outer: KeyEncryptionKey;
  logger: Logger;
  monotonicMs?: () => number;
}): Keyring {
  const { dataKeys, outer, logger, monotonicMs = () => performance.now() } = deps;
  const open = new Map<string, OpenKey>();
  const absent = new Map<string, number>();
  let newest: string | undefined;
  let problem: string | undefined;
  let readAtMs = Number.NEGATIVE_INFINITY;
  let running: Promise<void> | undefined;

  async function readAll(): Promise<void> {
    const stored = await dataKeys.list();
    readAtMs = monotonicMs();
    const problems: string[] = [];
    for (const key of stored) {
      const told = await openOne(key).catch((error: unknown) => messageOf(error));
      if (told !== undefined) problems.push(told);
    }
    forgetAllBut(stored);
    newest = stored.findLast(
      ({ kid, retiredAtMs }) => open.has(kid) && retiredAtMs === undefined,
    )?.kid;
    tell(problems[0]);
  }

  /** Also one that is open already is opened again when it was wrapped anew: to learn now that our outer key does not do it, not at the next start. */
  async function openOne({ kid, wrapped }: StoredDataKey): Promise<string | undefined> {
    const before = open.get(kid);
    if (before?.wrapped === wrapped) return undefined;
    const bytes = await outer.unwrap(wrapped, kid);
    const key = createSecretKey(bytes);
    bytes.fill(0);
    if (!before) {
      open.set(kid, { key, wrapped });
      absent.delete(kid);
      return undefined;
    }
    if (!key.equals(before.key)) return `data key ${kid} was wrapped anew, and is another key now`;
    open.set(kid, { key: before.key, wrapped });
    return undefined;
  }

  function forgetAllBut(stored: readonly StoredDataKey[]): void {
    const kept = new Set(stored.map(({ kid }) => kid));
    for (const kid of open.keys()) if (!kept.has(kid)) open.delete(kid);
  }

  function tell(found: string | undefined): void {
    if (found !== undefined && found !== problem) {
      logger.error(
        { reason: found },
        'a data key does not open; this replica would not start again',
      );
    }
    problem = found;
  }

  function reload(): Promise<void> {
    running ??= readAll().finally(() => {
      running = undefined;
    });
    return running;
  }

  return {
    known: (kid) => open.get(kid)?.key,
    current() {
      const silentMs = monotonicMs() - readAtMs;
      if (silentMs > longestSilenceMs) {
        throw new DataKeysUnavailableError(
          `the list of data keys could not be read for ${Math.round(silentMs / 1_000)} s`,
        );
      }
      const key = newest === undefined ? undefined : open.get(newest)?.key;
      if (newest === undefined || !key) {
        throw new DataKeysUnavailableError(problem ?? 'there is no data key in use');
      }
      return { kid: newest, key };
    },
    async look(kid) {
      const nowMs = monotonicMs();
      for (const [other, untilMs] of absent) if (untilMs <= nowMs) absent.delete(other);
      if (open.has(kid) || absent.has(kid) || absent.size >= mostAbsent) return;
      // One that was under way may have read the list before the key came into it.
      if (running) await running;
      if (!open.has(kid)) await reload();
      if (!open.has(kid)) absent.set(kid, monotonicMs() + absentMs);
    },
    reload,
    problem: () => problem,
    close() {
      open.clear();
      newest = undefined;
    },
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
