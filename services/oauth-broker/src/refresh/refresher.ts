import type { AcquireLeaseResponse_Granted as Granted } from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import type { CredentialState } from '@credential-renewal/proto/events/v1/credential';
import { msFromDuration } from '@credential-renewal/rpc';
import type { Clock, Logger } from '@credential-renewal/runtime';
import type { AccessTokenCache, CachedToken } from '../access-token/access-token-cache.ts';
import { sha256 } from '../authorization/browser-binding.ts';
import { credentialPolicyOf, policyWithoutCatalogue } from '../catalogue/credential-policy.ts';
import type { BrokerMetrics } from '../metrics.ts';
import type { ProviderClients } from '../provider/provider-clients.ts';
import type { ProviderConcurrency, Ticket, Turn } from '../provider/provider-concurrency.ts';
import type { VaultClient } from '../service-clients.ts';
import { askProvider, type ProviderWord } from './ask-provider.ts';
import { type AttemptLease, createAttemptLeases } from './attempt-leases.ts';
import { createOutcomeWriter, type Written } from './outcome-writer.ts';
import { tellAttempt } from './tell-attempt.ts';
import { createVaultCalls, type VaultOfSeveral } from './vault-calls.ts';

export type AttemptRequest = {
  credentialId: string;
  providerId: string;
  /** `scheduled`: only if it is due. `on_demand`: somebody waits for a token with `minimumLifeMs`. */
  purpose: 'scheduled' | 'on_demand';
  minimumLifeMs: number;
};

export type AttemptResult =
  /** New tokens, stored. */
  | { kind: 'refreshed'; token: CachedToken; state: CredentialState | undefined }
  /** The identity call accepted the access token. */
  | { kind: 'confirmed'; state: CredentialState | undefined }
  | { kind: 'failed'; state: CredentialState | undefined; retryAfterMs: number | undefined }
  /** Somebody else has the lease, or the provider is to be left alone for a while. */
  | { kind: 'held'; retryAfterMs: number }
  | { kind: 'not_needed' }
  /** A renewal or another holder was first; what is stored is newer. */
  | { kind: 'overtaken' };

export type Refresher = {
  attempt(request: AttemptRequest): Promise<AttemptResult>;
  running(credentialId: string): boolean;
  /** No new attempts; resolves when the running ones are stored, or `drainMs` has passed. */
  stop(): Promise<void>;
};

export type RefresherDeps = {
  vault: VaultOfSeveral & Pick<VaultClient, 'releaseLease' | 'getCredential'>;
  clients: ProviderClients;
  concurrency: ProviderConcurrency;
  tokens: AccessTokenCache;
  metrics: BrokerMetrics;
  clock: Clock;
  logger: Logger;
  random: () => number;
  owner: string;
  leaseTtlMs: number;
  httpTimeoutMs: number;
  identityCheckIntervalMs: number;
  drainMs?: number;
};

type Flight = { result: Promise<AttemptResult>; ticket: Ticket };

/** After a 429 without a `Retry-After`. */
const defaultPauseMs = 5_000;

/**
 * Attempts to keep credentials alive (semantics 6 to 10): lease and intent from the vault, one request to the provider, and
 * the outcome stored before anything of it is handed out. However many callers ask, one attempt per credential runs here;
 * between replicas the vault's lease sees to that.
 */
export function createRefresher(deps: RefresherDeps): Refresher {
  const { drainMs = 8_000 } = deps;
  const flights = new Map<string, Flight>();
  const ending = new AbortController();
  const draining = new AbortController();
  const calls = createVaultCalls(deps.vault);
  const leaseOf = createAttemptLeases({ ...deps, calls, ending: ending.signal });
  const writer = createOutcomeWriter({ ...deps, calls, giveUp: draining.signal });

  function attempt(request: AttemptRequest): Promise<AttemptResult> {
    const { credentialId } = request;
    const running = flights.get(credentialId);
    if (running) {
      if (request.purpose === 'on_demand') running.ticket.raise();
      return running.result;
    }
    if (ending.signal.aborted) return Promise.resolve({ kind: 'held', retryAfterMs: 1_000 });
    const priority = request.purpose === 'on_demand' ? 'waited_for' : 'background';
    const ticket = deps.concurrency.enter(request.providerId, priority);
    const result = run(request, ticket).finally(() => flights.delete(credentialId));
    flights.set(credentialId, { result, ticket });
    return result;
  }

  async function run(request: AttemptRequest, ticket: Ticket): Promise<AttemptResult> {
    const turn = await ticket.called;
    try {
      if (ending.signal.aborted) return { kind: 'held', retryAfterMs: 1_000 };
      const { providerId } = request;
      const client = deps.clients({ providerId, clientId: '', accountId: '' });
      // Discovery may take as long as a request; the lease must not run meanwhile. Its failure shows again below.
      await client?.configuration().catch(() => undefined);
      const lease = leaseOf(request);
      const { outcome, isPlaced } = await getReady(lease, turn);
      switch (outcome?.$case) {
        case 'granted': {
          // A request that would outlive its lease is not begun: somebody else may spend the token meanwhile, and some providers
          // end the whole grant when a spent one is used again. Asked after all waits: this process may have been paused in them.
          if (isPlaced && lease.usableMs() > 0 && !ending.signal.aborted)
            return await perform(request, outcome.value, turn.leave);
          await lease.giveBack(outcome.value.fence);
          return { kind: 'held', retryAfterMs: 1_000 };
        }
        case 'held':
          return { kind: 'held', retryAfterMs: msFromDuration(outcome.value.retryAfter) ?? 1_000 };
        case 'notNeeded':
        case undefined:
          return { kind: 'not_needed' };
        default:
          return outcome satisfies never;
      }
    } finally {
      turn.leave();
    }
  }

  /**
   * Lease, then place. A renewal may have taken the lease from whoever waited long for the place, and its token is an old one then; so the
   * vault is asked once more. Its events would not do: they tell of a renewal that is over, and come when they come.
   */
  async function getReady(lease: AttemptLease, turn: Turn) {
    const outcome = await lease.acquire();
    if (outcome?.$case !== 'granted') return { outcome, isPlaced: false };
    const isPlaced = await turn.place(lease.usableMs());
    return { outcome: isPlaced && lease.isStale() ? await lease.acquire() : outcome, isPlaced };
  }

  async function perform(
    { credentialId, purpose }: AttemptRequest,
    granted: Granted,
    leave: () => void,
  ): Promise<AttemptResult> {
    const client = deps.clients(granted);
    const word = await askProvider(client, granted, deps.clock.nowMs());
    const answeredAtMs = deps.clock.nowMs();
    tellConcurrency(granted.providerId, word);
    // The provider is done with; storing may take long while the vault is away.
    leave();
    tellAttempt(deps, { credentialId, providerId: granted.providerId, word });
    const written = await writer.write(purpose, {
      credentialId,
      owner: deps.owner,
      fence: granted.fence,
      sentTokenHash: granted.sentTokenHash,
      policy: client
        ? credentialPolicyOf(client.provider, deps.identityCheckIntervalMs)
        : await policyWithoutCatalogue(deps.vault, credentialId, granted),
      outcome: word,
    });
    if (written.kind !== 'written') return written;
    return toResult(credentialId, granted, word, written, answeredAtMs);
  }

  function toResult(
    credentialId: string,
    granted: Granted,
    word: ProviderWord,
    { state, kept }: Extract<Written, { kind: 'written' }>,
    answeredAtMs: number,
  ): AttemptResult {
    switch (word.$case) {
      case 'tokens': {
        const { accessToken, expiresIn } = word.value;
        const lifeMs = msFromDuration(expiresIn);
        const token: CachedToken = {
          credentialId,
          accountId: granted.accountId,
          accessToken,
          tokenHash: sha256(accessToken),
          expiresAtMs: lifeMs === undefined ? undefined : answeredAtMs + lifeMs,
          kept,
          version: state?.version ?? 0n,
        };
        deps.tokens.drop(credentialId, token.version);
        deps.tokens.put(token);
        return { kind: 'refreshed', token, state };
      }
      case 'identityConfirmed':
        return { kind: 'confirmed', state };
      case 'failure':
        return { kind: 'failed', state, retryAfterMs: msFromDuration(word.value.retryAfter) };
      default:
        return word satisfies never;
    }
  }

  function tellConcurrency(providerId: string, word: ProviderWord): void {
    if (word.$case === 'failure' && word.value.httpStatus === 429) {
      const pauseMs = msFromDuration(word.value.retryAfter) ?? defaultPauseMs;
      deps.concurrency.throttled(providerId, pauseMs);
    } else if (word.$case !== 'failure' || word.value.httpStatus !== 0) {
      deps.concurrency.answered(providerId);
    }
  }

  return {
    attempt,
    running: (credentialId) => flights.has(credentialId),
    async stop() {
      ending.abort();
      deps.concurrency.release();
      const timer = setTimeout(() => draining.abort(), drainMs);
      await Promise.allSettled([...flights.values()].map(({ result }) => result));
      clearTimeout(timer);
    },
  };
}
