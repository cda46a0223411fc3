import type { Logger } from '@credential-renewal/runtime';
import type { ProviderEntry } from './catalogue-schema.ts';
import type { CatalogueClient } from './load-client.ts';

/** A provider with our clients there. */
export type CatalogueProvider = Omit<ProviderEntry, 'clients'> & {
  /** The default first; none: it is known, and offers nothing. */
  clients: readonly CatalogueClient[];
};

/** What one client of ours sees of a provider in one account: placeholders filled, secrets at hand. */
export type Provider = Omit<CatalogueProvider, 'clients'> & {
  client: CatalogueClient;
  /** What the placeholders were filled with. */
  values: Readonly<Record<string, string>>;
  /** Those of them that a person gave. */
  parameters: Readonly<Record<string, string>>;
};

export type CatalogueConnector = CatalogueProvider['connectors'][string] & {
  id: string;
  provider: CatalogueProvider;
};

export type Catalogue = {
  providers: readonly CatalogueProvider[];
  /** Those that can be connected: their provider has a client. */
  connectors: readonly CatalogueConnector[];
  provider(id: string): CatalogueProvider | undefined;
  connector(id: string): CatalogueConnector | undefined;
};

export function createCatalogue(providers: readonly CatalogueProvider[]): Catalogue {
  const connectors = providers
    .filter(({ clients }) => clients.length > 0)
    .flatMap((provider) =>
      Object.entries(provider.connectors).map(([id, connector]) => ({
        ...connector,
        id,
        provider,
      })),
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

/** A provider that is shipped needs a registration of ours there, and offers nothing before. */
export function tellUnconfigured({ providers }: Catalogue, logger: Logger): void {
  const known = providers.filter(({ clients }) => clients.length === 0).map(({ id }) => id);
  if (known.length > 0)
    logger.info({ providers: known }, 'providers without a client offer no connector');
}
