import {
  type AcquireLeaseRequest,
  type AcquireLeaseResponse_Granted,
  AcquireLeaseRequest_Purpose as Purpose,
} from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import { checkInput, durationFromMs, msFromDuration } from '@credential-renewal/rpc';
import { changeCredential, findCredential } from '../change-credential.ts';
import { attemptTokenHash, type Credential } from '../credential.ts';
import { parametersMessage } from '../provider-parameters.ts';
import { isAccessProbe } from '../rules/access-probe.ts';
import { acquireLease as decide, type LeaseAnswer, type LeaseRequest } from '../rules/lease.ts';
import { openTokens } from '../sealed-tokens.ts';
import type { VaultContext } from '../vault-context.ts';
import type { VaultHandlers } from './vault-handlers.ts';

const purposes = {
  [Purpose.SCHEDULED]: 'scheduled',
  [Purpose.ON_DEMAND]: 'on_demand',
  [Purpose.RENEWAL]: 'renewal',
} as const;

type OpenTokens = Awaited<ReturnType<typeof openTokens>>;

/**
 * Lease and intent in one write, by the vault's clock. When the answer arrives the intent is durable: the broker may
 * talk to the provider, and a crash from here on is known to the next holder. The tokens are opened before the write, so that a
 * record that cannot be opened is not written to.
 */
export function acquireLease(vault: VaultContext): VaultHandlers['acquireLease'] {
  return async (request) => {
    const purpose = readPurpose(request);
    const judge = (current: Credential): LeaseAnswer =>
      decide(current, {
        purpose,
        owner: request.owner,
        attemptId: request.attemptId,
        ttlMs: request.leaseTtl ? msFromDuration(request.leaseTtl) : 0,
        minimumRemainingLifeMs: request.minimumRemainingLife
          ? msFromDuration(request.minimumRemainingLife)
          : 0,
        nowMs: vault.clock.nowMs(),
      });
    for (;;) {
      const seen = await findCredential(vault, request.credentialId);
      const foreseen = judge(seen);
      if (foreseen.kind !== 'granted') return toRefusal(foreseen);
      const tokens = await tokensFor(vault, purpose, seen);
      const { credential, answer } = await take(vault, seen, judge);
      // Somebody has written meanwhile, and what was opened may not be what is stored any more.
      if (answer === undefined) continue;
      if (answer.kind !== 'granted') return toRefusal(answer);
      return { outcome: { $case: 'granted', value: toGranted(credential, tokens) } };
    }
  };
}

async function take(
  vault: VaultContext,
  seen: Credential,
  judge: (current: Credential) => LeaseAnswer,
): Promise<{ credential: Credential; answer: LeaseAnswer | undefined }> {
  let answer: LeaseAnswer | undefined;
  const credential = await changeCredential(vault, seen.id, (current) => {
    answer = current.version === seen.version ? judge(current) : undefined;
    if (answer?.kind !== 'granted' || answer.credential === current) return undefined;
    return answer.credential;
  });
  return { credential, answer };
}

/** A renewal needs none: the person brings new ones, also where the stored ones cannot be opened any more. */
async function tokensFor(
  vault: VaultContext,
  purpose: LeaseRequest['purpose'],
  { id, accountId, tokens }: Credential,
): Promise<OpenTokens> {
  if (purpose === 'renewal') return { accessToken: '', refreshToken: undefined };
  return openTokens(vault.cipher, tokens, { accountId, recordId: id });
}

function readPurpose(request: AcquireLeaseRequest): LeaseRequest['purpose'] {
  checkInput((check) => {
    check.id('credential_id', request.credentialId);
    check.id('owner', request.owner);
    check.optionalId('attempt_id', request.attemptId);
    check.duration('lease_ttl', request.leaseTtl, { minMs: 100, maxMs: 10 * 60_000 });
    check.that('purpose', request.purpose !== Purpose.UNSPECIFIED, 'must be set');
  });
  return purposes[request.purpose as keyof typeof purposes];
}

function toRefusal(answer: Exclude<LeaseAnswer, { kind: 'granted' }>) {
  switch (answer.kind) {
    case 'held': {
      const value = { retryAfter: durationFromMs(answer.retryAfterMs) };
      return { outcome: { $case: 'held' as const, value } };
    }
    case 'not_needed':
      return { outcome: { $case: 'notNeeded' as const, value: {} } };
    default:
      return answer satisfies never;
  }
}

function toGranted(
  credential: Credential,
  { accessToken, refreshToken }: OpenTokens,
): AcquireLeaseResponse_Granted {
  const { lease, intent } = credential;
  const ownTokenHash = attemptTokenHash(credential);
  const sentTokenHash =
    lease?.purpose === 'refresh' ? (intent?.sentTokenHash ?? ownTokenHash) : ownTokenHash;
  return {
    fence: BigInt(credential.fence),
    attempt: credential.attempts,
    // Without it the broker makes the identity call.
    refreshToken: isAccessProbe(credential, sentTokenHash) ? undefined : refreshToken,
    accessToken,
    sentTokenHash,
    providerId: credential.policy.providerId,
    clientId: credential.policy.clientId,
    accountId: credential.accountId,
    parameters: parametersMessage(credential),
  };
}
