import type { Clock } from '@credential-renewal/runtime';
import { SourcePendingError } from '../errors.ts';
import { isUnavailable } from '../retry-unavailable.ts';
import type { RegistryClient } from '../service-clients.ts';

export type Target =
  | { $case: 'sourceId'; value: string }
  | { $case: 'credentialId'; value: string };

export type CredentialTargets = {
  /** The credential of a source in this account. NOT_FOUND for anybody else's, SOURCE_PENDING before its first authorization. */
  resolve(accountId: string, target: Target): Promise<string>;
  dropSource(sourceId: string): void;
  dropCredential(credentialId: string): void;
};

/** A deleted source is noticed after this long at the latest, where its credential lives on for others. */
const freshMs = 60_000;
/** How long the registry has to answer where what was known before will do. */
const patienceMs = 500;
const largest = 100_000;

type Entry = { sourceId: string; credentialId: string; readAtMs: number };

/** Which credential a source uses, remembered. While the registry is down, what was known serves on. */
export function createCredentialTargets(deps: {
  registry: Pick<RegistryClient, 'resolveCredential'>;
  clock: Clock;
}): CredentialTargets {
  const entries = new Map<string, Entry>();

  async function ask(
    { accountId, sourceId, key }: { accountId: string; sourceId: string; key: string },
    options: { deadlineMs?: number },
  ): Promise<string> {
    const { credentialId } = await deps.registry.resolveCredential(
      { accountId, sourceId },
      options,
    );
    entries.delete(key);
    if (credentialId === undefined) throw new SourcePendingError();
    entries.set(key, { sourceId, credentialId, readAtMs: deps.clock.nowMs() });
    if (entries.size > largest) {
      const [oldest] = entries.keys();
      if (oldest !== undefined) entries.delete(oldest);
    }
    return credentialId;
  }

  function forget(matches: (entry: Entry) => boolean): void {
    for (const [key, entry] of entries) if (matches(entry)) entries.delete(key);
  }

  return {
    async resolve(accountId, target) {
      if (target.$case === 'credentialId') return target.value;
      const key = `${accountId} ${target.value}`;
      const known = entries.get(key);
      if (known && deps.clock.nowMs() - known.readAtMs <= freshMs) return known.credentialId;
      try {
        const source = { accountId, sourceId: target.value, key };
        return await ask(source, known ? { deadlineMs: patienceMs } : {});
      } catch (error) {
        if (known && isUnavailable(error)) return known.credentialId;
        if (!isUnavailable(error)) entries.delete(key);
        throw error;
      }
    },
    dropSource: (sourceId) => forget((entry) => entry.sourceId === sourceId),
    dropCredential: (credentialId) => forget((entry) => entry.credentialId === credentialId),
  };
}
