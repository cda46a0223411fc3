import type {
  DecideHoldRequest,
  DecideHoldResponse,
} from '@credential-renewal/proto/credential_vault/v1/vault_holds';
import { checkInput } from '@credential-renewal/rpc';
import { HoldEndedError, HoldNotFoundError } from '../errors.ts';
import { fromEndMessage, toDecisionMessage } from '../holds/hold-message.ts';
import type { HoldsContext } from '../holds/holds-context.ts';
import { decideHold as decide } from '../outage-decision.ts';
import { type HoldReference, readHoldId } from '../rules/hold-id.ts';
import type { DecidedBy, OutageWatch } from '../rules/outage-breaker.ts';
import type { VaultHoldsHandlers } from './vault-handlers.ts';

type Decision = { hold: HoldReference; end: 'released' | 'confirmed'; by: DecidedBy };

/** A person ends a hold: one write like that of the sweep, which tells the credentials of it. */
export function decideHold(holds: HoldsContext): VaultHoldsHandlers['decideHold'] {
  return async (request) => {
    const { hold, end, by } = readDecision(request);
    for (;;) {
      const stored = await holds.outages.find(hold);
      if (stored?.watch.hold?.sinceMs !== hold.sinceMs)
        return answerDecided(request, end, hold, stored?.watch);
      const decided = await decide(holds, stored, { end, by });
      // Else somebody else has written, and may have decided it.
      if (decided) return { ...answerOf(decided.watch, hold), decidedNow: true };
    }
  };
}

/** It is over: as it was asked for, or otherwise. */
function answerDecided(
  { holdId }: DecideHoldRequest,
  end: Decision['end'],
  hold: HoldReference,
  watch: OutageWatch | undefined,
): DecideHoldResponse {
  const decision = watch?.decisions.find(({ sinceMs }) => sinceMs === hold.sinceMs);
  if (!watch || !decision) throw new HoldNotFoundError(holdId);
  if (decision.end !== end) throw new HoldEndedError(holdId, decision);
  return { ...answerOf(watch, hold), decidedNow: false };
}

function answerOf(watch: OutageWatch, hold: HoldReference) {
  const decision = watch.decisions.find(({ sinceMs }) => sinceMs === hold.sinceMs);
  return { decision: decision && toDecisionMessage(watch, decision) };
}

function readDecision(request: DecideHoldRequest): Decision {
  const end = fromEndMessage(request.end);
  checkInput((check) => {
    check.text('hold_id', request.holdId, { maxLength: 500 });
    check.that('end', end !== undefined, 'must be released or confirmed');
    check.text('decided_by', request.decidedBy, { maxLength: 100 });
    check.text('reason', request.reason, { maxLength: 500 });
  });
  const hold = readHoldId(request.holdId);
  if (!hold || !end) throw new HoldNotFoundError(request.holdId);
  return { hold, end, by: { who: request.decidedBy, why: request.reason } };
}
