import { createPeriodic, type Logger, type Periodic } from '@credential-renewal/runtime';
import { changeCredential } from './change-credential.ts';
import type { Credential } from './credential.ts';
import { CredentialNotFoundError } from './errors.ts';
import type { VaultMetrics } from './metrics.ts';
import { decideHold } from './outage-decision.ts';
import {
  type Hold,
  judgeHold,
  type OutageEnd,
  type OutageSettings,
  type OutageWatch,
} from './rules/outage-breaker.ts';
import { canaryOutcome, probe, retrySlipped, settleHeld } from './rules/verdict.ts';
import type { OutageStore, StoredOutage } from './store/outage-store.ts';
import { ruleContext, type VaultContext } from './vault-context.ts';
import type { VerdictSwitch } from './verdict-gate.ts';

const batch = 200;
const sample = 1_000;

type Deps = {
  /** While it is not `on`, nothing is decided. */
  verdicts: VerdictSwitch;
  vault: VaultContext;
  outages: OutageStore;
  settings: OutageSettings;
  metrics: VaultMetrics;
  logger: Logger;
};

/** Has the canaries of each hold tried again, decides what is clear, and tells the held credentials of it, a batch at a time. */
export function createOutageSweep(deps: Deps, intervalMs: number): Periodic {
  return createPeriodic({
    name: 'outage sweep',
    intervalMs,
    logger: deps.logger,
    run: async (signal) => {
      if (deps.verdicts !== 'on') return;
      for (const active of await deps.outages.listActive()) {
        if (signal.aborted) return;
        const { hold } = active.watch;
        const decided = hold ? await watchHold(deps, active, hold) : active;
        if (decided) await settle(deps, decided, signal);
      }
    },
  });
}

/** Undefined: it goes on, or another replica has decided. */
async function watchHold(
  deps: Deps,
  { watch, version }: StoredOutage,
  hold: Hold,
): Promise<StoredOutage | undefined> {
  const { vault, settings } = deps;
  const nowMs = vault.clock.nowMs();
  const canaries = await Promise.all(hold.canaries.map((id) => vault.store.find(id)));
  const held = await vault.store.listHeld(watch, sample);
  const end = judgeHold(
    hold,
    {
      canaries: canaries.map((canary) => canaryOutcome(canary, hold)),
      workedAccounts: await vault.store.accountsWorkedSince(watch, hold.sinceMs, sample),
      heldAccounts: [...new Set(held.map(({ accountId }) => accountId))],
      nowMs,
    },
    settings,
  );
  if (end === undefined) {
    for (const canary of canaries) {
      if (canary) await change(vault, canary.id, (current) => probe(current, ruleContext(vault)));
    }
    return undefined;
  }
  return decideHold({ ...deps, clock: vault.clock }, { watch, version }, { end, by: undefined });
}

async function settle(deps: Deps, { watch, version }: StoredOutage, signal: AbortSignal) {
  const { vault, outages } = deps;
  const { settling } = watch;
  if (!settling) return;
  for (;;) {
    // A hold that begins meanwhile takes what is left along; what is held from then on is not ours to settle.
    if (signal.aborted || (await outages.find(watch))?.version !== version) return;
    const held = await vault.store.listHeld(watch, batch);
    if (held.length === 0) break;
    await Promise.all(held.map(({ id }) => settleOne(deps, id, settling.end)));
  }
  if (settling.end === 'released') await retryAll(vault, settling.slipped);
  await outages.replace({ ...watch, settling: undefined }, version);
}

async function settleOne({ vault, metrics }: Deps, id: string, end: OutageEnd): Promise<void> {
  let counts: Credential | undefined;
  await change(vault, id, (current) => {
    const settled = settleHeld(current, end, ruleContext(vault));
    counts = settled?.status === 'expired' ? settled : undefined;
    return settled;
  });
  if (counts) metrics.verdict(counts.policy.providerId, counts.reason?.code ?? '', 'apply');
}

async function retryAll(vault: VaultContext, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    await change(vault, id, (current) => retrySlipped(current, ruleContext(vault)));
  }
}

/** One that is gone needs no verdict any more. */
async function change(
  vault: VaultContext,
  id: string,
  rule: (current: Credential) => Credential | undefined,
): Promise<void> {
  await changeCredential(vault, id, rule).catch((error: unknown) => {
    if (!(error instanceof CredentialNotFoundError)) throw error;
  });
}

/** For the readiness probe: whose verdicts are held. */
export function describeHolds(active: readonly { watch: OutageWatch }[]): string | undefined {
  const holds = active.filter(({ watch }) => watch.hold);
  if (holds.length === 0) return undefined;
  const names = holds.map(
    ({ watch }) =>
      `${watch.providerId} (client ${watch.clientId}) since ${new Date(watch.hold?.sinceMs ?? 0).toISOString()}`,
  );
  return `an outage is suspected, and verdicts are held: ${names.join(', ')}`;
}
