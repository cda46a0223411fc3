import type { EgressSettings } from '@credential-renewal/runtime';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { type ClientReference, findProvider } from '../catalogue/choose-client.ts';
import { createDiscovery } from './discovery.ts';
import { createProviderClient, type ProviderClient } from './provider-client.ts';

/** Finds our client at a provider; undefined: the catalogue does not have it (any more). */
export type ProviderClients = (reference: ClientReference) => ProviderClient | undefined;

/** One per provider, client and set of values in the catalogue, made when it is first needed. */
export function createProviderClients(
  catalogue: Catalogue,
  options: { httpTimeoutMs: number; egress?: EgressSettings | undefined },
): ProviderClients {
  const clients = new Map<string, ProviderClient>();
  const discovery = createDiscovery();
  return (reference) => {
    const provider = findProvider(catalogue, reference);
    if (!provider) return undefined;
    const key = JSON.stringify([provider.id, provider.client.id, provider.values]);
    let client = clients.get(key);
    if (!client) {
      client = createProviderClient(provider, { ...options, discovery });
      clients.set(key, client);
    }
    return client;
  };
}
