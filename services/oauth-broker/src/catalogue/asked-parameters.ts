import type { Connector_Parameter } from '@credential-renewal/proto/oauth_broker/v1/oauth_broker';
import type { CatalogueProvider } from './catalogue.ts';
import { missingValues } from './choose-client.ts';
import type { CatalogueClient } from './load-client.ts';

/** What a person of this account has to say at a first authorization: what is asked for and filled by nobody else. */
export function askedParameters(
  provider: CatalogueProvider,
  client: CatalogueClient,
  accountId: string,
): Connector_Parameter[] {
  const unfilled = missingValues(provider, client, accountId);
  return Object.entries(provider.variables ?? {}).flatMap(([name, { ask, pattern }]) =>
    ask && unfilled.includes(name) ? [{ name, pattern, ...ask }] : [],
  );
}
