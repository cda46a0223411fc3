import type { Clock, Logger } from '@credential-renewal/runtime';
import type { VaultMetrics } from './metrics.ts';
import {
  endHold,
  type HoldDecision,
  type OutageEnd,
  type OutageSettings,
} from './rules/outage-breaker.ts';
import type { OutageStore, StoredOutage } from './store/outage-store.ts';

export type DecisionDeps = {
  outages: OutageStore;
  settings: OutageSettings;
  metrics: VaultMetrics;
  clock: Clock;
  logger: Logger;
};

/** Ends a hold by one conditional write on what was read, so that of canaries, time and people one decides. Undefined: another did. */
export async function decideHold(
  { outages, settings, metrics, clock, logger }: DecisionDeps,
  { watch, version }: StoredOutage,
  { end, by }: Pick<HoldDecision, 'end' | 'by'>,
): Promise<StoredOutage | undefined> {
  const ended = endHold(watch, { end, by }, clock.nowMs(), settings);
  if (!(await outages.replace(ended, version))) return undefined;
  metrics.outage(watch.providerId, end);
  const about = { provider: watch.providerId, client_id: watch.clientId };
  const decided = by ? { decided_by: by.who, reason: by.why } : {};
  logger.warn({ ...about, ...decided }, endTexts[end]);
  return { watch: ended, version: version + 1 };
}

const endTexts: Record<OutageEnd, string> = {
  released:
    'an outage is over: its held verdicts do not count, and the credentials are tried again',
  confirmed: 'held verdicts are confirmed: their credentials expire now, and people are told',
  ended: 'a hold has lasted as long as it may: its verdicts count, and people are told',
};
