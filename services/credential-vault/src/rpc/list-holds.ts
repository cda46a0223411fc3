import type { Hold as HoldMessage } from '@credential-renewal/proto/credential_vault/v1/vault_holds';
import { toDecisionMessage } from '../holds/hold-message.ts';
import type { HoldsContext } from '../holds/holds-context.ts';
import { holdId } from '../rules/hold-id.ts';
import type { OutageWatch } from '../rules/outage-breaker.ts';
import type { VaultHoldsHandlers } from './vault-handlers.ts';

const most = 100_000;

export function listHolds({ outages, store }: HoldsContext): VaultHoldsHandlers['listHolds'] {
  async function toMessages({ providerId, clientId, hold }: OutageWatch): Promise<HoldMessage[]> {
    if (!hold) return [];
    const { sinceMs, untilMs } = hold;
    const client = { providerId, clientId };
    const id = holdId({ ...client, sinceMs });
    const held = await store.countHeld(client, most);
    return [{ id, ...client, since: new Date(sinceMs), endsAt: new Date(untilMs), held }];
  }

  return async () => {
    const watches = (await outages.list()).map(({ watch }) => watch);
    const holds = (await Promise.all(watches.map(toMessages))).flat();
    const decisions = watches.flatMap((watch) =>
      watch.decisions.map((decision) => ({ watch, decision })),
    );
    return {
      holds: holds.sort((one, other) => Number(one.since) - Number(other.since)),
      decisions: decisions
        .sort((one, other) => other.decision.atMs - one.decision.atMs)
        .map(({ watch, decision }) => toDecisionMessage(watch, decision)),
    };
  };
}
