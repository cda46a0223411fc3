import type { ProviderParameters } from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import type { Catalogue, CatalogueConnector, CatalogueProvider, Provider } from './catalogue.ts';
import type { IdentityEntry } from './catalogue-schema.ts';
import type { CatalogueClient } from './load-client.ts';
import { fillTemplate } from './url-template.ts';

/** Who a request is made as, for whom, and where. An empty `clientId` is one that was never written down: the chosen one counts. */
export type ClientReference = {
  providerId: string;
  clientId: string;
  accountId: string;
  parameters?: ProviderParameters | undefined;
};

/** The client that a new grant is made with: the account's own, else the connector's, else the default. */
export function chooseClient(
  { clients, accounts }: CatalogueProvider,
  accountId: string,
  connector?: Pick<CatalogueConnector, 'client'>,
): CatalogueClient | undefined {
  const name = ownOf(accounts, accountId)?.client ?? connector?.client;
  return name === undefined ? clients[0] : clients.find((client) => client.name === name);
}

/** The client that a grant was made with: it can be kept alive by no other (RFC 6749 section 6). */
export function findProvider(
  catalogue: Pick<Catalogue, 'provider'>,
  { providerId, clientId, accountId, parameters }: ClientReference,
): Provider | undefined {
  const provider = catalogue.provider(providerId);
  if (!provider) return undefined;
  const client =
    clientId === ''
      ? chooseClient(provider, accountId)
      : provider.clients.find(({ id }) => id === clientId);
  return client && resolveProvider(provider, client, accountId, parameters?.values ?? {});
}

/** The names of placeholders that nothing fills for this account, not even what a person gave. */
export function missingValues(
  provider: CatalogueProvider,
  client: CatalogueClient,
  accountId: string,
  parameters: Readonly<Record<string, string>> = {},
): string[] {
  const values = valuesFor(provider, client, accountId, parameters);
  return Object.keys(provider.variables ?? {}).filter((name) => values[name] === undefined);
}

/** Undefined where a placeholder stays empty: there is no such provider for this account. */
function resolveProvider(
  { clients: _, ...provider }: CatalogueProvider,
  client: CatalogueClient,
  accountId: string,
  parameters: Readonly<Record<string, string>>,
): Provider | undefined {
  const values = valuesFor(provider, client, accountId, parameters);
  const fill = (template: string) => fillTemplate(template, values);
  const fillIdentity = (identity: IdentityEntry): IdentityEntry =>
    identity.call === undefined ? identity : { ...identity, call: fill(identity.call) };
  if (Object.keys(provider.variables ?? {}).some((name) => values[name] === undefined))
    return undefined;
  return {
    ...provider,
    client,
    values,
    parameters,
    issuer: fill(provider.issuer),
    endpoints: provider.endpoints && mapValues(provider.endpoints, fill),
    identity: fillIdentity(provider.identity),
    connectors: mapValues(provider.connectors, ({ identity, ...connector }) => ({
      ...connector,
      ...(identity && { identity: fillIdentity(identity) }),
    })),
  };
}

/** What a person gave for a grant goes before what an operator has set since: it was made there. */
function valuesFor(
  { variables = {}, accounts }: Pick<CatalogueProvider, 'variables' | 'accounts'>,
  client: CatalogueClient,
  accountId: string,
  parameters: Readonly<Record<string, string>>,
): Record<string, string> {
  const defaults = Object.entries(variables).flatMap(([name, variable]) =>
    variable.default === undefined ? [] : [[name, variable.default] as const],
  );
  return {
    ...Object.fromEntries(defaults),
    ...client.values,
    ...ownOf(accounts, accountId)?.values,
    ...parameters,
  };
}

function ownOf<V>(record: Readonly<Record<string, V>> | undefined, key: string): V | undefined {
  return record && Object.hasOwn(record, key) ? record[key] : undefined;
}

function mapValues<T extends object, V>(
  record: T,
  change: (value: NonNullable<T[keyof T]>) => V,
): { [K in keyof T]: V } {
  const changed = Object.entries(record).map(([key, value]) => [key, change(value)]);
  return Object.fromEntries(changed) as { [K in keyof T]: V };
}
