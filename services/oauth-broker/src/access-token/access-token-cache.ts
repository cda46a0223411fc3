import type { Clock } from '@credential-renewal/runtime';

export type CachedToken = {
  credentialId: string;
  accountId: string;
  accessToken: string;
  tokenHash: string;
  /** Undefined: no known end. */
  expiresAtMs: number | undefined;
  kept: Record<string, string>;
  /** Of the credential's state that the token was read with. */
  version: bigint;
};

export type AccessTokenCache = {
  /** A token that is fresh and lives at least this long. */
  fresh(credentialId: string, minimumLifeMs: number): CachedToken | undefined;
  /** Any token that is still safe to use: for when nothing better can be had. */
  usable(credentialId: string): CachedToken | undefined;
  put(token: CachedToken): void;
  /** Something happened to the credential at `version`: what was read before counts no more. */
  drop(credentialId: string, version: bigint): void;
  /** The next read asks the vault. */
  forget(credentialId: string): void;
  /** The token itself is refused; a newer one stays. */
  dropToken(credentialId: string, tokenHash: string): void;
  size(): number;
};

/** A token is not handed out in its last seconds: the request it is for takes time, and clocks differ. */
const marginMs = 10_000;
/** A token that stays valid is read again now and then, should an event be late. */
const freshMs = 5 * 60_000;
const largest = 100_000;

type Entry = CachedToken & { readAtMs: number };

/**
 * Access tokens in memory, so that a fresh read costs no RPC. A token that was read before a change and arrives here after it
 * is not kept: `drop` remembers the version.
 */
export function createAccessTokenCache(clock: Clock): AccessTokenCache {
  const entries = new Map<string, Entry>();
  const versions = new Map<string, bigint>();

  function usable(credentialId: string): Entry | undefined {
    const entry = entries.get(credentialId);
    if (!entry) return undefined;
    const safe = entry.expiresAtMs === undefined || entry.expiresAtMs - marginMs > clock.nowMs();
    if (safe) return entry;
    entries.delete(credentialId);
    return undefined;
  }

  return {
    usable,
    fresh(credentialId, minimumLifeMs) {
      const entry = usable(credentialId);
      if (!entry) return undefined;
      const nowMs = clock.nowMs();
      if (nowMs - entry.readAtMs > freshMs) return undefined;
      const livesEnough =
        entry.expiresAtMs === undefined || entry.expiresAtMs - nowMs >= minimumLifeMs;
      return livesEnough ? entry : undefined;
    },
    put(token) {
      const { credentialId } = token;
      if (token.version < (versions.get(credentialId) ?? 0n)) return;
      remember(entries, credentialId, { ...token, readAtMs: clock.nowMs() });
    },
    drop(credentialId, version) {
      const entry = entries.get(credentialId);
      if (entry && entry.version < version) entries.delete(credentialId);
      if ((versions.get(credentialId) ?? 0n) < version) remember(versions, credentialId, version);
    },
    forget: (credentialId) => void entries.delete(credentialId),
    dropToken(credentialId, tokenHash) {
      if (entries.get(credentialId)?.tokenHash === tokenHash) entries.delete(credentialId);
    },
    size: () => entries.size,
  };
}

/** The oldest goes when there are too many; a Map keeps the order of insertion. */
function remember<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= largest) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}
