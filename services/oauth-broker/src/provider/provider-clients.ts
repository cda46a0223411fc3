import type { Catalogue } from '../catalogue/catalogue.ts';
import { type ClientReference, findProvider } from '../catalogue/choose-client.ts';
import { createDiscovery } from './discovery.ts';
import { createProviderClient, type ProviderClient } from './provider-client.ts';

/** Finds our client at a provider; undefined: the catalogue does not have it (any more). */
export type ProviderClients = (reference: ClientReference) => ProviderClient | undefined;

/** One per provider, client and issuer of the catalogue, made when it is first needed. */
export function createProviderClients(
  catalogue: Catalogue,
  options: { httpTimeoutMs: number },
): ProviderClients {
  const clients = new Map<string, ProviderClient>();
  const discovery = createDiscovery();
  return (reference) => {
    const provider = findProvider(catalogue, reference);
    if (!provider) return undefined;
    // Accounts with values of their own have endpoints of their own.
    const key = JSON.stringify([
      provider.id,
      provider.client.id,
      provider.issuer,
      provider.endpoints,
    ]);
    let client = clients.get(key);
    if (!client) {
      client = createProviderClient(provider, { ...options, discovery });
      clients.set(key, client);
    }
    return client;
  };
}
