import type { Clock } from '@credential-renewal/runtime';
import type { RuleContext } from './credential.ts';
import type { TokenCipher } from './encryption/token-cipher.ts';
import type { VaultMetrics } from './metrics.ts';
import type { AttemptRules } from './rules/attempt.ts';
import type { CandidateStore } from './store/candidate-store.ts';
import type { CredentialStore } from './store/credential-store.ts';
import type { UndecryptableRecords } from './undecryptable-records.ts';
import type { VaultKeys } from './vault-keys.ts';
import type { VerdictGate } from './verdict-gate.ts';

/** What every RPC of the vault may use. */
export type VaultContext = {
  store: CredentialStore;
  candidates: CandidateStore;
  keys: VaultKeys;
  cipher: TokenCipher;
  undecryptable: UndecryptableRecords;
  clock: Clock;
  random: () => number;
  newId: () => string;
  attemptRules: AttemptRules;
  verdicts: VerdictGate;
  metrics: VaultMetrics;
  /** Something was written to the outbox. */
  published: () => void;
  /** There may be records to move to a newer data key. */
  wakeKeySweep: () => void;
};

/** Time and chance for one change. */
export function ruleContext({ clock, random, newId }: VaultContext): RuleContext {
  return { nowMs: clock.nowMs(), random, newId };
}
