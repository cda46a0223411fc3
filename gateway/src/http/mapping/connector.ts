import {
  type Connector as BrokerConnector,
  Connector_Kind,
} from '@credential-renewal/proto/oauth_broker/v1/oauth_broker';
import {
  ConnectorKind,
  type ConnectorRef,
} from '@credential-renewal/proto/source_registry/v1/source_registry';
import type { Static } from 'typebox';
import type { Connector, ConnectorSummary } from '../schemas/index.ts';
import { required } from './time.ts';

/** An entry of the broker's catalogue. */
export function toConnector(connector: BrokerConnector): Connector {
  return {
    id: connector.id,
    name: connector.name,
    kind: connector.kind === Connector_Kind.ENTERPRISE ? 'enterprise' : 'personal',
    scopes: connector.scopes,
    providerName: connector.providerName,
    parameters: connector.parameters,
  };
}

/** What the registry keeps of a catalogue entry. */
export function toConnectorRef(connector: BrokerConnector): ConnectorRef {
  return {
    id: connector.id,
    name: connector.name,
    kind:
      connector.kind === Connector_Kind.ENTERPRISE
        ? ConnectorKind.ENTERPRISE
        : ConnectorKind.PERSONAL,
    providerName: connector.providerName,
  };
}

export function toConnectorSummary(ref: ConnectorRef | undefined): Static<typeof ConnectorSummary> {
  const { id, name, kind } = required(ref, 'connector');
  return { id, name, kind: kind === ConnectorKind.ENTERPRISE ? 'enterprise' : 'personal' };
}
