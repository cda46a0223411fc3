import { Connector_Kind } from '@credential-renewal/proto/oauth_broker/v1/oauth_broker';
import type { BrokerContext } from '../broker-context.ts';
import type { BrokerHandlers } from './broker-handlers.ts';

export function listConnectors({ catalogue }: BrokerContext): BrokerHandlers['listConnectors'] {
  const connectors = catalogue.connectors.map(({ id, name, kind, scopes, provider }) => ({
    id,
    name,
    kind: kind === 'personal' ? Connector_Kind.PERSONAL : Connector_Kind.ENTERPRISE,
    scopes,
    providerId: provider.id,
    providerName: provider.name,
  }));
  return async () => ({ connectors });
}
