import type { Clock, Logger } from '@credential-renewal/runtime';
import { changeCredential, findCredential } from './change-credential.ts';
import type { Credential } from './credential.ts';
import type { VaultMetrics } from './metrics.ts';
import {
  calmWatch,
  type Death,
  noteDeath,
  type OutageSettings,
  type OutageWatch,
  standingOf,
} from './rules/outage-breaker.ts';
import { isDeath, isExpectedEnd, type VerdictHandling } from './rules/verdict.ts';
import type { CredentialStore } from './store/credential-store.ts';
import type { OutageStore } from './store/outage-store.ts';
import type { VaultContext } from './vault-context.ts';

/** `pause`: no verdict counts. `shadow`: none counts, and each is told as it would have been. */
export type VerdictSwitch = 'on' | 'pause' | 'shadow';

/** Decides, before a credential is declared dead, whether that may count now. */
export type VerdictGate = {
  handle(before: Credential, after: Credential): Promise<VerdictHandling>;
  /** After the write. */
  written(before: Credential, dead: Credential, handling: VerdictHandling): void;
};

/** So many of the latest successes say for whom a client works. */
const sample = 1_000;
const apply: VerdictHandling = { kind: 'apply' };

export function createVerdictGate(deps: {
  verdicts: VerdictSwitch;
  settings: OutageSettings;
  store: Pick<CredentialStore, 'accountsWorkedSince'>;
  outages: OutageStore;
  metrics: VaultMetrics;
  clock: Clock;
  logger: Logger;
}): VerdictGate {
  const { verdicts, settings, store, outages, metrics, clock, logger } = deps;

  /** By one conditional write per client, so that of many who die at once each sees those before it. */
  async function noted(client: OutageWatch, death: Death): Promise<VerdictHandling> {
    for (;;) {
      const found = await outages.find(client);
      const watch = found?.watch ?? client;
      const standing = standingOf(watch, death, settings);
      if (standing.kind === 'trusted') return apply;
      if (standing.kind === 'hold') return standing;
      const worked =
        standing.kind === 'suspicious'
          ? await store.accountsWorkedSince(client, standing.sinceMs, sample)
          : [];
      const next = noteDeath(watch, death, worked, settings);
      if (!(await outages.replace(next, found?.version ?? 0))) continue;
      if (!next.hold) return apply;
      tellHold(next);
      return { kind: 'hold', untilMs: next.hold.untilMs };
    }
  }

  function tellHold({ providerId, clientId, hold }: OutageWatch): void {
    metrics.outage(providerId, 'begun');
    logger.error(
      {
        provider: providerId,
        client_id: clientId,
        accounts: hold?.accountIds,
        until: hold && new Date(hold.untilMs).toISOString(),
      },
      'credentials of several accounts died at once: verdicts of this client are held, and nobody is mailed. Look at the provider’s status, and at the registration of our client there',
    );
  }

  return {
    async handle(before, after) {
      if (verdicts !== 'on') return { kind: 'withhold' };
      const nowMs = clock.nowMs();
      // Nothing to be learned of the provider, and nothing to wait for.
      if (isExpectedEnd(before, nowMs)) return apply;
      const { policy, id, accountId } = before;
      return noted(calmWatch(policy.providerId, policy.clientId), {
        ...{ credentialId: id, accountId, atMs: nowMs },
        // Whether the API lets us in is asked with a fresh token (rules/access-probe.ts).
        canBeTried:
          after.reason?.code !== 'access_refused' || before.tokens.refreshTokenHash !== undefined,
      });
    },
    written(before, dead, { kind }) {
      const { providerId } = before.policy;
      const reason = dead.reason?.code ?? '';
      metrics.verdict(providerId, reason, kind === 'withhold' ? verdicts : kind);
      if (verdicts !== 'shadow') return;
      logger.warn(
        { credential_id: before.id, account_id: before.accountId, provider: providerId, reason },
        'a credential would be declared dead; VERDICTS is shadow, so it is not',
      );
    },
  };
}

/**
 * Changes a credential by a rule that may find it dead. The rule runs twice: to see what it would do, and, once it is known whether a verdict
 * may count, to do it, on the same version of the credential.
 */
export async function changeByVerdict(
  vault: VaultContext,
  credentialId: string,
  rule: (credential: Credential, handling: VerdictHandling) => Credential | undefined,
): Promise<Credential> {
  for (;;) {
    const seen = await findCredential(vault, credentialId);
    const foreseen = rule(seen, apply);
    const dead = foreseen && isDeath(seen, foreseen) ? foreseen : undefined;
    const handling = dead ? await vault.verdicts.handle(seen, dead) : apply;
    let isOvertaken = false;
    const credential = await changeCredential(vault, credentialId, (current) => {
      isOvertaken = current.version !== seen.version;
      return isOvertaken ? undefined : rule(current, handling);
    });
    if (isOvertaken) continue;
    if (dead) vault.verdicts.written(seen, dead, handling);
    return credential;
  }
}
