import {
  ConnectorKind,
  type ConnectorRef,
} from '@credential-renewal/proto/source_registry/v1/source_registry';
import type { InputCheck } from '@credential-renewal/rpc';

/** Checks the connector of a request, field by field. */
export function checkConnector(check: InputCheck, connector: ConnectorRef | undefined): void {
  check.present('connector', connector);
  if (!connector) return;
  check.id('connector.id', connector.id);
  check.text('connector.name', connector.name, { maxLength: 100 });
  check.text('connector.provider_name', connector.providerName, { maxLength: 100 });
  check.enumValue('connector.kind', connector.kind, ConnectorKind);
}
