import { durationFromMs } from '@credential-renewal/rpc';
import { createPeriodic, type Periodic, runWithTrace } from '@credential-renewal/runtime';
import type { BrokerContext } from '../broker-context.ts';
import { AuthorizationEndedError, AuthorizationTakenError } from '../errors.ts';
import { type Authorization, abandonedAfterMs, isPending, takeUp } from './authorization.ts';
import { dropAndFail } from './end-authorization.ts';
import { verifyGrant } from './verify-grant.ts';

const giveUpMs = 24 * 60 * 60_000;
const keepMs = 7 * 24 * 60 * 60_000;

/**
 * Finishes authorizations that a crash, an outage or a provider without an identity answer left behind, forgets candidates
 * that belong to none, and forgets old authorizations.
 */
export function createAuthorizationSweep(broker: BrokerContext): Periodic {
  return createPeriodic({
    name: 'authorization sweep',
    intervalMs: broker.config.sweepIntervalMs,
    logger: broker.logger,
    run: (signal) => sweepAuthorizations(broker, signal),
  });
}

export async function sweepAuthorizations(
  broker: BrokerContext,
  signal?: AbortSignal,
): Promise<void> {
  const nowMs = broker.clock.nowMs();
  const unfinished = await broker.store.listUntouched({
    statuses: ['exchanging', 'verifying'],
    // A callback that runs is left alone. Should one take longer, both end with the same: every step may be done twice.
    updatedBeforeMs: nowMs - abandonedAfterMs,
    limit: 50,
  });
  // Side by side, so that one provider's outage does not hold up the others.
  if (!signal?.aborted) {
    await Promise.all(
      unfinished.map((authorization) =>
        runWithTrace(
          authorization.traceparent,
          () => resume(broker, authorization, nowMs),
          'resume authorization',
        ),
      ),
    );
  }
  await dropOrphans(broker);
  await broker.store.forget(nowMs - keepMs);
}

async function resume(
  broker: BrokerContext,
  authorization: Authorization,
  nowMs: number,
): Promise<void> {
  try {
    if (authorization.verified === undefined && nowMs - authorization.createdAtMs > giveUpMs) {
      await dropAndFail(broker, authorization, 'IDENTITY_UNKNOWN');
      return;
    }
    const taken = await broker.store.update(authorization.id, (current) => takeUp(current, nowMs));
    await verifyGrant(broker, taken, 1);
  } catch (err) {
    if (err instanceof AuthorizationEndedError || err instanceof AuthorizationTakenError) return;
    broker.logger.error(
      { err, authorization_id: authorization.id },
      'an authorization could not be finished',
    );
  }
}

async function dropOrphans(broker: BrokerContext): Promise<void> {
  const { transactionIds } = await broker.vault.listCandidates({
    minimumAge: durationFromMs(abandonedAfterMs),
    limit: 100,
  });
  for (const transactionId of transactionIds) {
    const authorization = await broker.store.get(transactionId);
    const open = authorization && (isPending(authorization) || !authorization.outcome);
    if (!open) await broker.vault.dropCandidate({ transactionId });
  }
}
