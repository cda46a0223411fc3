import type { Catalogue } from '../catalogue/catalogue.ts';
import { createProviderClient, type ProviderClient } from './provider-client.ts';

/** Finds our client at a provider; undefined: the catalogue does not have it (any more). */
export type ProviderClients = (providerId: string) => ProviderClient | undefined;

/** One client per provider of the catalogue, made when it is first needed. */
export function createProviderClients(
  catalogue: Catalogue,
  options: { httpTimeoutMs: number },
): ProviderClients {
  const clients = new Map<string, ProviderClient>();
  return (providerId) => {
    const provider = catalogue.provider(providerId);
    if (!provider) return undefined;
    let client = clients.get(providerId);
    if (!client) {
      client = createProviderClient(provider, options);
      clients.set(providerId, client);
    }
    return client;
  };
}
