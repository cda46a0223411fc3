import {
  type HoldDecision as HoldDecisionMessage,
  HoldEnd,
} from '@credential-renewal/proto/credential_vault/v1/vault_holds';
import { holdId } from '../rules/hold-id.ts';
import type { HoldDecision } from '../rules/outage-breaker.ts';

const ends = {
  released: HoldEnd.RELEASED,
  confirmed: HoldEnd.CONFIRMED,
  ended: HoldEnd.ENDED,
} as const;

export function toDecisionMessage(
  { providerId, clientId }: { providerId: string; clientId: string },
  { sinceMs, end, atMs, by }: HoldDecision,
): HoldDecisionMessage {
  return {
    holdId: holdId({ providerId, clientId, sinceMs }),
    end: ends[end],
    decidedAt: new Date(atMs),
    decidedBy: by?.who ?? '',
    reason: by?.why ?? '',
  };
}

/** What a person may decide. */
export function fromEndMessage(end: HoldEnd): 'released' | 'confirmed' | undefined {
  if (end === HoldEnd.RELEASED) return 'released';
  return end === HoldEnd.CONFIRMED ? 'confirmed' : undefined;
}
