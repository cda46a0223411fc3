import { Failure_Kind } from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import type { Logger } from '@credential-renewal/runtime';
import type { BrokerMetrics } from '../metrics.ts';
import type { ProviderWord } from './ask-provider.ts';

/** Who runs this learns of trouble here: only a refusal of our own client is theirs to mend, whatever the vault makes of it. */
export function tellAttempt(
  { metrics, logger }: { metrics: Pick<BrokerMetrics, 'attempt'>; logger: Logger },
  {
    credentialId,
    providerId,
    word,
  }: { credentialId: string; providerId: string; word: ProviderWord },
): void {
  metrics.attempt(providerId, outcomeName(word));
  if (word.$case !== 'failure') return;
  const { kind, error, description, httpStatus } = word.value;
  const about = {
    credential_id: credentialId,
    provider: providerId,
    error,
    http_status: httpStatus,
  };
  if (kind === Failure_Kind.CLIENT_REFUSED || kind === Failure_Kind.CLIENT_MISCONFIGURED) {
    // The provider's words say what to change; they are redacted.
    logger.error({ ...about, description }, 'a provider refuses our client');
  } else {
    logger.warn(about, 'an attempt at a provider failed');
  }
}

/** As the metrics name it: a failure by its class, since only some need an operator. */
function outcomeName(word: ProviderWord): string {
  if (word.$case === 'failure') return failureNames[word.value.kind] ?? 'transient';
  return word.$case === 'tokens' ? 'refreshed' : 'confirmed';
}

const failureNames: Record<number, string> = {
  [Failure_Kind.GRANT_REFUSED]: 'grant_refused',
  [Failure_Kind.GRANT_REFUSED_UNCONFIRMED]: 'grant_refused',
  [Failure_Kind.CLIENT_REFUSED]: 'client_refused',
  [Failure_Kind.CLIENT_MISCONFIGURED]: 'client_refused',
  [Failure_Kind.TRANSIENT]: 'transient',
};
