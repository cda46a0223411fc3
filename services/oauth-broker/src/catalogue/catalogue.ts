import type { ProviderEntry } from './catalogue-schema.ts';

/** A provider of the catalogue with the secret that its file names. */
export type Provider = ProviderEntry & { clientSecret: string | undefined };

export type CatalogueConnector = Provider['connectors'][number] & { provider: Provider };

export type Catalogue = {
  providers: readonly Provider[];
  connectors: readonly CatalogueConnector[];
  provider(id: string): Provider | undefined;
  connector(id: string): CatalogueConnector | undefined;
};

export function createCatalogue(providers: readonly Provider[]): Catalogue {
  const connectors = providers.flatMap((provider) =>
    provider.connectors.map((connector) => ({ ...connector, provider })),
  );
  const byId = new Map(providers.map((provider) => [provider.id, provider]));
  const connectorById = new Map(connectors.map((connector) => [connector.id, connector]));
  return {
    providers,
    connectors,
    provider: (id) => byId.get(id),
    connector: (id) => connectorById.get(id),
  };
}
