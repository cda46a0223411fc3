import { checkInput, type InputCheck, msFromDuration } from '@credential-renewal/rpc';
import type { Target } from '../access-token/credential-targets.ts';
import { findAccessToken } from '../access-token/find-access-token.ts';
import type { BrokerContext } from '../broker-context.ts';
import { TokenNotAvailableError } from '../errors.ts';
import { isUnavailable } from '../retry-unavailable.ts';
import type { BrokerHandlers } from './broker-handlers.ts';
import { workerLimits } from './input-limits.ts';

const defaultMinimumLifeMs = 60_000;
/** How long a caller is kept while a refresh runs; its own deadline may be shorter. */
const longestWaitMs = 15_000;
/** The same where there is a living token already, only with less life than asked for. */
const wishfulWaitMs = 2_000;

export function getAccessToken(broker: BrokerContext): BrokerHandlers['getAccessToken'] {
  return async (request, { signal, caller }) => {
    const { accountId, target, minimumRemainingLife } = request;
    checkInput((check) => {
      check.id('account_id', accountId);
      checkTarget(check, target);
      check.optionalDuration('minimum_remaining_life', minimumRemainingLife, {
        maxMs: 24 * 60 * 60_000,
      });
      check.text('worker', request.worker, workerLimits);
    });
    // What a worker says of itself counts only where no certificate says who it is.
    const worker = caller?.name ?? request.worker;
    const credentialId = await resolve(broker, accountId, target);
    const { token, source } = await findAccessToken(broker, {
      accountId,
      credentialId,
      minimumLifeMs: msFromDuration(minimumRemainingLife) ?? defaultMinimumLifeMs,
      waitUntilMs: performance.now() + longestWaitMs,
      contentUntilMs: performance.now() + wishfulWaitMs,
      signal,
    });
    broker.metrics.accessTokenRead(worker, source);
    broker.tokenReads.record({ accountId, credentialId, worker });
    return {
      accessToken: token.accessToken,
      tokenHash: token.tokenHash,
      expiresAt: token.expiresAtMs === undefined ? undefined : new Date(token.expiresAtMs),
      credentialId,
      kept: token.kept,
    };
  };
}

async function resolve(
  broker: BrokerContext,
  accountId: string,
  target: Target | undefined,
): Promise<string> {
  if (!target) throw new TypeError('the target was not checked');
  try {
    return await broker.targets.resolve(accountId, target);
  } catch (error) {
    throw isUnavailable(error) ? new TokenNotAvailableError(1_000, error) : error;
  }
}

export function checkTarget(check: InputCheck, target: Target | undefined): void {
  check.oneof('target', target);
  if (target) check.id(target.$case === 'sourceId' ? 'source_id' : 'credential_id', target.value);
}
