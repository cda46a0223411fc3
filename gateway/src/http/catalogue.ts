import type {
  Connector,
  OauthBrokerServiceService,
} from '@credential-renewal/proto/oauth_broker/v1/oauth_broker';
import type { RpcClient } from '@credential-renewal/rpc';
import type { Clock } from '@credential-renewal/runtime';
import { ConnectorNotFoundError } from '../errors.ts';

/** The catalogue changes with a release of the broker. */
const cacheMs = 30_000;
const deadlineMs = 5_000;
const mostAccounts = 1_000;

/** For one account: what an operator has set for it, its people are not asked. */
export type Catalogue = {
  list(accountId: string): Promise<Connector[]>;
  /** Throws ConnectorNotFoundError. */
  get(accountId: string, connectorId: string): Promise<Connector>;
};

export function createCatalogue(options: {
  broker: Pick<RpcClient<typeof OauthBrokerServiceService>, 'listConnectors'>;
  clock: Clock;
}): Catalogue {
  const kept = new Map<string, { connectors: Connector[]; untilMs: number }>();

  async function list(accountId: string): Promise<Connector[]> {
    const nowMs = options.clock.nowMs();
    const known = kept.get(accountId);
    if (known && known.untilMs > nowMs) return known.connectors;
    const { connectors } = await options.broker.listConnectors({ accountId }, { deadlineMs });
    if (kept.size >= mostAccounts) kept.clear();
    kept.set(accountId, { connectors, untilMs: nowMs + cacheMs });
    return connectors;
  }

  return {
    list,
    async get(accountId, connectorId) {
      const found = (await list(accountId)).find(({ id }) => id === connectorId);
      if (!found) throw new ConnectorNotFoundError();
      return found;
    },
  };
}
