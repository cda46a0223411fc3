import { setTimeout as wait } from 'node:timers/promises';
import type { ReadAccessTokenResponse } from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import { CredentialStatus } from '@credential-renewal/proto/events/v1/credential';
import { msFromDuration } from '@credential-renewal/rpc';
import { backoffMs } from '@credential-renewal/runtime';
import type { BrokerContext } from '../broker-context.ts';
import {
  CredentialExpiredError,
  CredentialNotFoundError,
  TokenNotAvailableError,
} from '../errors.ts';
import type { TokenSource } from '../metrics.ts';
import type { AttemptResult } from '../refresh/refresher.ts';
import { isUnavailable } from '../retry-unavailable.ts';
import type { CachedToken } from './access-token-cache.ts';

export type FoundToken = { token: CachedToken; source: TokenSource };

export type TokenWish = {
  accountId: string;
  credentialId: string;
  minimumLifeMs: number;
  /** Monotonic: when the caller stops waiting. */
  waitUntilMs: number;
  /** Monotonic: from when on a token is good enough that lives, if shorter than wished for. */
  contentUntilMs: number;
  signal: AbortSignal;
};

/** How long the vault has to answer where a token is at hand that still serves, only not as wished for. */
const patienceMs = 500;

/**
 * A token that lives long enough: from memory without asking anybody, else from the vault, else refreshed now. While the
 * provider is in trouble the stored one is good enough as long as it lives, and while the vault is away the cached one is.
 */
export async function findAccessToken(broker: BrokerContext, wish: TokenWish): Promise<FoundToken> {
  const { accountId, credentialId, minimumLifeMs } = wish;
  const cached = broker.tokens.fresh(credentialId, minimumLifeMs);
  if (cached) return { token: ofAccount(cached, accountId), source: 'cache' };
  try {
    return await findStored(broker, wish);
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    const usable = broker.tokens.usable(credentialId);
    if (usable) return { token: ofAccount(usable, accountId), source: 'cache' };
    if (error instanceof TokenNotAvailableError) throw error;
    throw new TokenNotAvailableError(1_000, error);
  }
}

async function findStored(broker: BrokerContext, wish: TokenWish): Promise<FoundToken> {
  for (let round = 1; ; round += 1) {
    const canDoWithout = broker.tokens.usable(wish.credentialId) !== undefined;
    const stored = await broker.vault.readAccessToken(
      { credentialId: wish.credentialId },
      { signal: wish.signal, ...(canDoWithout && { deadlineMs: patienceMs }) },
    );
    if (stored.accountId !== wish.accountId) throw new CredentialNotFoundError();
    const token = toCached(broker, wish.credentialId, stored);
    if (!stored.rejected && livesLongEnough(broker, token, stored, wish.minimumLifeMs)) {
      broker.tokens.put(token);
      return { token, source: round === 1 ? 'vault' : 'refresh' };
    }
    const living = !stored.rejected && remainingMs(broker, token) > 0 ? token : undefined;
    const found = await refreshOrWait(broker, wish, stored, living, round);
    if (found) return found;
  }
}

/** Undefined: something may have changed; read again. */
async function refreshOrWait(
  broker: BrokerContext,
  wish: TokenWish,
  stored: ReadAccessTokenResponse,
  living: CachedToken | undefined,
  round: number,
): Promise<FoundToken | undefined> {
  const leftMs = (living ? wish.contentUntilMs : wish.waitUntilMs) - performance.now();
  const result = await within(leftMs, wish.signal, () =>
    broker.refresher.attempt({
      credentialId: wish.credentialId,
      providerId: stored.state?.providerId ?? '',
      purpose: 'on_demand',
      minimumLifeMs: wish.minimumLifeMs,
    }),
  );
  switch (result?.kind) {
    case 'refreshed':
      return { token: ofAccount(result.token, wish.accountId), source: 'refresh' };
    case 'failed':
      return serveOrRefuse(result, living);
    case 'not_needed':
      // The first time it may be the answer to an attempt of somebody with smaller wishes.
      if (living && round > 1) return { token: living, source: 'vault' };
      if (round > 5) throw new TokenNotAvailableError(1_000);
      return undefined;
    case 'overtaken':
    case 'confirmed':
      if (round > 5) throw new TokenNotAvailableError(1_000);
      return undefined;
    case 'held':
    case undefined: {
      const retryAfterMs = result?.retryAfterMs ?? 1_000;
      const pauseMs = backoffMs(round, { baseMs: 100, maxMs: 1_000, random: broker.random });
      const patientUntilMs = living ? wish.contentUntilMs : wish.waitUntilMs;
      // Longer than any lease: the vault leaves a provider in trouble alone, and waiting here would not help.
      const hopeless = retryAfterMs > broker.config.refreshLeaseMs;
      if (hopeless || wish.signal.aborted || performance.now() + pauseMs > patientUntilMs) {
        if (living) return { token: living, source: 'vault' };
        throw new TokenNotAvailableError(retryAfterMs);
      }
      await wait(Math.min(pauseMs, retryAfterMs));
      return undefined;
    }
    default:
      return result satisfies never;
  }
}

function serveOrRefuse(
  { state, retryAfterMs }: Extract<AttemptResult, { kind: 'failed' }>,
  living: CachedToken | undefined,
): FoundToken {
  if (state?.status === CredentialStatus.EXPIRED) throw new CredentialExpiredError();
  if (living) return { token: living, source: 'vault' };
  throw new TokenNotAvailableError(retryAfterMs ?? 5_000);
}

/** The attempt goes on without the caller: what it brings must be stored. */
async function within(
  ms: number,
  signal: AbortSignal,
  work: () => Promise<AttemptResult>,
): Promise<AttemptResult | undefined> {
  if (ms <= 0 || signal.aborted) return undefined;
  const timer = new AbortController();
  const end = AbortSignal.any([signal, timer.signal]);
  try {
    return await Promise.race([
      work(),
      wait(ms, undefined, { signal: end }).catch(() => undefined),
    ]);
  } finally {
    timer.abort();
  }
}

function ofAccount(token: CachedToken, accountId: string): CachedToken {
  if (token.accountId !== accountId) throw new CredentialNotFoundError();
  return token;
}

function remainingMs(broker: BrokerContext, { expiresAtMs }: CachedToken): number {
  return expiresAtMs === undefined ? Number.POSITIVE_INFINITY : expiresAtMs - broker.clock.nowMs();
}

/** Who asks for more life than half a token's gets what there is: refreshing at each call would not give it either. */
function livesLongEnough(
  broker: BrokerContext,
  token: CachedToken,
  { state }: ReadAccessTokenResponse,
  minimumLifeMs: number,
): boolean {
  const documented = broker.catalogue.provider(state?.providerId ?? '')?.accessToken
    .lifetimeSeconds;
  const halfLifeMs = typeof documented === 'number' ? documented * 500 : Number.POSITIVE_INFINITY;
  return remainingMs(broker, token) >= Math.max(1, Math.min(minimumLifeMs, halfLifeMs));
}

function toCached(
  broker: BrokerContext,
  credentialId: string,
  stored: ReadAccessTokenResponse,
): CachedToken {
  const lifeMs = msFromDuration(stored.expiresIn);
  return {
    credentialId,
    accountId: stored.accountId,
    accessToken: stored.accessToken,
    tokenHash: stored.tokenHash,
    expiresAtMs: lifeMs === undefined ? undefined : broker.clock.nowMs() + lifeMs,
    kept: stored.kept,
    version: stored.state?.version ?? 0n,
  };
}
