import type { Provider } from '../catalogue/catalogue.ts';
import type { IdentityEntry } from '../catalogue/catalogue-schema.ts';
import type { Authorization } from './authorization.ts';

/** Whose grant a connector takes: a tenant's, where the provider's others are a person's, or the other way round. */
export function identityRuleOf(
  { identity, connectors }: Pick<Provider, 'identity' | 'connectors'>,
  { connectorId }: Pick<Authorization, 'connectorId'>,
): IdentityEntry {
  return connectors[connectorId]?.identity ?? identity;
}
