import {
  Failure_Kind,
  AcquireLeaseRequest_Purpose as Purpose,
} from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import { durationFromMs } from '@credential-renewal/rpc';
import { policy, tokenLifeMs, tokenSet } from './storm-sources.ts';
import type { StormWorld } from './storm-world.ts';

const refusal = {
  ...{ kind: Failure_Kind.GRANT_REFUSED, error: 'invalid_grant', description: 'revoked' },
  ...{ httpStatus: 400, retryAfter: undefined, answerLost: false, reasonCode: '' },
};

/** The broker's part of one refresh, whose answer is known: the grant is dead, or new tokens. */
export async function refresh(
  { vault }: StormWorld,
  credentialId: string,
  answer: 'refused' | 'tokens',
  purpose: Purpose = Purpose.ON_DEMAND,
): Promise<void> {
  const owner = 'storm';
  const { outcome } = await vault.acquireLease({
    ...{ credentialId, owner, purpose, leaseTtl: durationFromMs(60_000) },
    minimumRemainingLife: durationFromMs(tokenLifeMs / 2),
  });
  if (outcome?.$case !== 'granted') throw new Error(`${credentialId}: ${outcome?.$case}`);
  const { fence, sentTokenHash } = outcome.value;
  await vault.completeAttempt({
    ...{ credentialId, owner, fence, sentTokenHash, policy },
    outcome:
      answer === 'tokens'
        ? { $case: 'tokens', value: tokenSet(`again-${credentialId}`) }
        : { $case: 'failure', value: refusal },
  });
}

/** What the vault wants tried again, the canaries of a hold above all, is refused once more. */
export async function refuseWhatIsDue(world: StormWorld): Promise<void> {
  const { due } = await world.vault.listDueCredentials({ limit: 100, excludedProviderIds: [] });
  for (const { credentialId } of due)
    await refresh(world, credentialId, 'refused', Purpose.SCHEDULED);
}
