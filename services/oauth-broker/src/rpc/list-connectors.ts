import {
  type Connector,
  Connector_Kind,
} from '@credential-renewal/proto/oauth_broker/v1/oauth_broker';
import { checkInput } from '@credential-renewal/rpc';
import type { BrokerContext } from '../broker-context.ts';
import { askedParameters } from '../catalogue/asked-parameters.ts';
import type { CatalogueConnector } from '../catalogue/catalogue.ts';
import { chooseClient } from '../catalogue/choose-client.ts';
import type { BrokerHandlers } from './broker-handlers.ts';

export function listConnectors({ catalogue }: BrokerContext): BrokerHandlers['listConnectors'] {
  return async ({ accountId = '' }) => {
    checkInput((check) => check.optionalId('account_id', accountId || undefined));
    return { connectors: catalogue.connectors.map((connector) => toMessage(connector, accountId)) };
  };
}

function toMessage(connector: CatalogueConnector, accountId: string): Connector {
  const { id, name, kind, scopes, provider } = connector;
  const client = chooseClient(provider, accountId, connector);
  return {
    id,
    name,
    kind: kind === 'personal' ? Connector_Kind.PERSONAL : Connector_Kind.ENTERPRISE,
    scopes,
    providerId: provider.id,
    providerName: provider.name,
    parameters: client ? askedParameters(provider, client, accountId) : [],
  };
}
