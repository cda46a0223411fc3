import type { ListRevocationsResponse_Revocation as Revocation } from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import { durationFromMs } from '@credential-renewal/rpc';
import { createPeriodic, type Periodic } from '@credential-renewal/runtime';
import type { BrokerContext } from '../broker-context.ts';
import type { Provider } from '../catalogue/catalogue.ts';
import type { ClientReference } from '../catalogue/choose-client.ts';
import { cleanErrorCode } from '../provider/redact.ts';
import { type Refusal, refusalOf } from '../provider/refusal.ts';
import { speaksOfGrant } from '../provider/verdict.ts';
import { revoke } from './revoke.ts';

type Confirmed = { kind: 'revoked' } | { kind: 'postponed'; retryAfterMs: number | undefined };

const atATime = 4;
const operatorRetryMs = 60 * 60_000;

/** Ends disconnected grants at their provider (RFC 7009) and has the vault forget them once that is confirmed. */
export function createRevocationSweep(broker: BrokerContext): Periodic {
  return createPeriodic({
    name: 'revocation sweep',
    intervalMs: broker.config.sweepIntervalMs,
    logger: broker.logger,
    async run(signal) {
      const { revocations } = await broker.vault.listRevocations({ limit: 100 });
      const queue = [...revocations];
      const worker = async () => {
        for (let next = queue.shift(); next && !signal.aborted; next = queue.shift()) {
          await settle(broker, next);
        }
      };
      await Promise.all(Array.from({ length: atATime }, worker));
    },
  });
}

async function settle(broker: BrokerContext, revocation: Revocation): Promise<void> {
  const { credentialId } = revocation;
  try {
    const confirmed = await revokeAtProvider(broker, revocation);
    await broker.vault.completeRevocation({
      credentialId,
      outcome:
        confirmed.kind === 'revoked'
          ? { $case: 'revoked', value: {} }
          : {
              $case: 'postponed',
              value: {
                retryAfter:
                  confirmed.retryAfterMs === undefined
                    ? undefined
                    : durationFromMs(confirmed.retryAfterMs),
              },
            },
    });
  } catch (err) {
    broker.logger.warn({ err, credential_id: credentialId }, 'a revocation is tried again');
  }
}

async function revokeAtProvider(broker: BrokerContext, revocation: Revocation): Promise<Confirmed> {
  const { credentialId, providerId, token, tokenTypeHint } = revocation;
  const about = { credential_id: credentialId, provider: providerId };
  // Another credential lives on the same grant at the provider.
  if (token === undefined) return { kind: 'revoked' };
  const client = broker.clients(await clientReference(broker, revocation));
  if (!client) {
    broker.logger.error(about, 'a grant cannot be revoked: its client is not in the catalogue');
    return { kind: 'postponed', retryAfterMs: operatorRetryMs };
  }
  try {
    const { revocation_endpoint } = (await client.configuration()).serverMetadata();
    if (revocation_endpoint === undefined) {
      broker.logger.info(about, 'the provider offers no revocation; its tokens are only forgotten');
      return { kind: 'revoked' };
    }
    await revoke(client, { token, tokenTypeHint, endpoint: revocation_endpoint }, broker);
    const { ends = 'grant' } = client.provider.revocation ?? {};
    broker.logger.info({ ...about, ends }, 'a grant was revoked at its provider');
    return { kind: 'revoked' };
  } catch (error) {
    const refusal = refusalOf(error, broker.clock.nowMs());
    if (isNothingToRevoke(client.provider, refusal)) return { kind: 'revoked' };
    const ours = refusal.error === 'invalid_client' || refusal.error === 'unauthorized_client';
    broker.logger.warn(
      { ...about, error: cleanErrorCode(refusal.error), http_status: refusal.httpStatus },
      'a revocation is not confirmed yet',
    );
    return {
      kind: 'postponed',
      // Without a word of the provider the vault backs off by its own count.
      retryAfterMs: ours ? operatorRetryMs : refusal.retryAfterMs,
    };
  }
}

async function clientReference(
  { vault }: Pick<BrokerContext, 'vault'>,
  { credentialId, providerId, clientId }: Revocation,
): Promise<ClientReference> {
  const { state, parameters } = await vault.getCredential({ credentialId });
  return { providerId, clientId, accountId: state?.accountId ?? '', parameters };
}

/** An unknown token is a 200 (RFC 7009 section 2.2), but some say so with an error; and some cannot revoke this kind at all. */
function isNothingToRevoke(provider: Provider, refusal: Refusal): boolean {
  const { error, httpStatus } = refusal;
  if (httpStatus < 200 || httpStatus >= 500 || httpStatus === 429) return false;
  return (
    ['invalid_token', 'invalid_grant', 'unsupported_token_type'].includes(error) ||
    speaksOfGrant(provider, refusal)
  );
}
