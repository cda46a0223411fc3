import type { EgressSettings } from '@credential-renewal/runtime';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { type ClientReference, findProvider } from '../catalogue/choose-client.ts';
import { createDiscovery } from './discovery.ts';
import { createProviderClient, type ProviderClient } from './provider-client.ts';

/** Finds our client at a provider; undefined: the catalogue does not have it (any more). */
export type ProviderClients = (reference: ClientReference) => ProviderClient | undefined;

const largest = 10_000;

/** One per provider, client and set of values in the catalogue, made when it is first needed. */
export function createProviderClients(
  catalogue: Catalogue,
  options: { httpTimeoutMs: number; egress?: EgressSettings | undefined },
): ProviderClients {
  const clients = new Map<string, ProviderClient>();
  const known = new Map<string, ProviderClient | undefined>();
  const discovery = createDiscovery();

  function find(reference: ClientReference): ProviderClient | undefined {
    const provider = findProvider(catalogue, reference);
    if (!provider) return undefined;
    const { values, parameters } = provider;
    const key = JSON.stringify([provider.id, provider.client.id, values, parameters]);
    let client = clients.get(key);
    if (!client) {
      // People give values, so there is no end to them.
      if (clients.size >= largest) clients.clear();
      client = createProviderClient(provider, { ...options, discovery });
      clients.set(key, client);
    }
    return client;
  }

  return (reference) => {
    const { providerId, clientId, accountId, parameters } = reference;
    const key = JSON.stringify([providerId, clientId, accountId, parameters?.values]);
    if (!known.has(key)) {
      if (known.size >= largest) known.clear();
      known.set(key, find(reference));
    }
    return known.get(key);
  };
}
