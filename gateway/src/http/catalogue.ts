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

export type Catalogue = {
  list(): Promise<Connector[]>;
  /** Throws ConnectorNotFoundError. */
  get(connectorId: string): Promise<Connector>;
};

export function createCatalogue(options: {
  broker: Pick<RpcClient<typeof OauthBrokerServiceService>, 'listConnectors'>;
  clock: Clock;
}): Catalogue {
  let kept: { connectors: Connector[]; untilMs: number } | undefined;

  async function list(): Promise<Connector[]> {
    const nowMs = options.clock.nowMs();
    if (kept && kept.untilMs > nowMs) return kept.connectors;
    const { connectors } = await options.broker.listConnectors({}, { deadlineMs });
    kept = { connectors, untilMs: nowMs + cacheMs };
    return connectors;
  }

  return {
    list,
    async get(connectorId) {
      const found = (await list()).find(({ id }) => id === connectorId);
      if (!found) throw new ConnectorNotFoundError();
      return found;
    },
  };
}
