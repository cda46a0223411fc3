import type { BrokerContext } from '../broker-context.ts';
import { AuthorizationEndedError, AuthorizationNotFoundError } from '../errors.ts';
import { type Authorization, end, type Outcome } from './authorization.ts';
import { explainFailure, type FailureCode } from './outcome.ts';

type EndStatus = Parameters<typeof end>[1];

/** Writes an end down. Where a sweep and a callback met, the first end counts, and both answer with it. */
export async function endAuthorization(
  broker: BrokerContext,
  { id }: Authorization,
  status: EndStatus,
  outcome: Outcome,
  learned: { providerAccount?: string } = {},
): Promise<Authorization> {
  try {
    const ended = await broker.store.update(id, (current) => ({
      ...end(current, status, outcome, broker.clock.nowMs()),
      ...learned,
    }));
    broker.metrics.callback(status);
    return ended;
  } catch (error) {
    if (!(error instanceof AuthorizationEndedError)) throw error;
    const ended = await broker.store.get(id);
    if (!ended) throw new AuthorizationNotFoundError();
    return ended;
  }
}

export function failAuthorization(
  broker: BrokerContext,
  authorization: Authorization,
  code: FailureCode,
): Promise<Authorization> {
  const outcome = explainFailure(code, authorization.providerName);
  return endAuthorization(broker, authorization, 'failed', outcome);
}

/** The same with a candidate in the vault. The grant is not revoked: it may be the person's only one (semantics 18). */
export async function dropAndFail(
  broker: BrokerContext,
  authorization: Authorization,
  code: FailureCode,
): Promise<Authorization> {
  await broker.vault.dropCandidate({ transactionId: authorization.id });
  return failAuthorization(broker, authorization, code);
}
