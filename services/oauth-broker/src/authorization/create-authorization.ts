import { checkParameters } from '@credential-renewal/rpc';
import { currentTraceparent } from '@credential-renewal/runtime';
import type { BrokerContext } from '../broker-context.ts';
import { askedParameters } from '../catalogue/asked-parameters.ts';
import type { CatalogueConnector } from '../catalogue/catalogue.ts';
import { chooseClient, missingValues } from '../catalogue/choose-client.ts';
import { type ScopeGrant, scopeUpgrade } from '../catalogue/scope-upgrade.ts';
import { scopesToRequest } from '../catalogue/scopes.ts';
import { ConnectorNotConfiguredError, ConnectorNotFoundError } from '../errors.ts';
import {
  type Authorization,
  type AuthorizationUse,
  authorizationLifeMs,
  type Named,
} from './authorization.ts';

export type Permission = {
  accountId: string;
  userId: string;
  use: AuthorizationUse;
  credentialId: string | undefined;
  connectorId: string;
  connectorIds: readonly string[];
  heals: Named[];
};

/** `person`: given now. `earlier`: when this use was begun before, and never finished. `credential`: when it was first authorized. */
export type GivenParameters = {
  from: 'person' | 'earlier' | 'credential';
  values: Readonly<Record<string, string>>;
};

/** Writes down an authorization that the registry has allowed. It can be begun for ten minutes. */
export async function createAuthorization(
  broker: BrokerContext,
  id: string,
  permission: Permission,
  wishes: {
    returnTo: string;
    switchIdentity: boolean;
    providerAccount: string;
    expectedIdentityKey?: string;
    /** What the credential to renew was granted. */
    formerGrant?: ScopeGrant;
    parameters: GivenParameters;
  },
): Promise<Authorization> {
  const { connectorId, connectorIds, ...allowed } = permission;
  const { formerGrant, parameters: given, ...wanted } = wishes;
  const connector = broker.catalogue.connector(connectorId);
  if (!connector) throw new ConnectorNotFoundError(connectorId);
  const { provider } = connector;
  const client = chooseClient(provider, allowed.accountId, connector);
  if (!client) throw new ConnectorNotFoundError(connectorId);
  const asked = askedParameters(provider, client, allowed.accountId);
  const parameters = settleParameters(asked, given);
  const missing = missingValues(provider, client, allowed.accountId, parameters);
  if (missing.length > 0) throw new ConnectorNotConfiguredError(provider.name, missing);
  const connectors = connectorsInUse(broker, connector, connectorIds);
  const requiredScopes = scopesToRequest({}, connectors);
  const nowMs = broker.clock.nowMs();
  const authorization: Authorization = {
    ...allowed,
    ...wanted,
    parameters: Object.keys(parameters).length > 0 ? parameters : undefined,
    id,
    version: 1,
    connectorId,
    connectorIds: connectors.map((used) => used.id),
    providerId: provider.id,
    clientId: client.id,
    providerName: provider.name,
    requestedScopes: scopesToRequest(provider, connectors),
    requiredScopes,
    upgradeScopes: formerGrant ? scopeUpgrade(provider, requiredScopes, formerGrant) : [],
    status: 'started',
    traceparent: currentTraceparent(),
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
    expiresAtMs: nowMs + authorizationLifeMs,
  };
  await broker.store.create(authorization);
  return authorization;
}

/** What belongs to a credential stays; before there is one, an operator may have come to fill in what was asked for. */
function settleParameters(
  asked: ReturnType<typeof askedParameters>,
  { from, values }: GivenParameters,
): Record<string, string> {
  if (from === 'credential') return { ...values };
  const names = new Set(asked.map(({ name }) => name));
  const wanted = from === 'person' ? values : pick(values, names);
  checkParameters(asked, wanted);
  return { ...wanted };
}

function pick(values: Readonly<Record<string, string>>, names: ReadonlySet<string>) {
  return Object.fromEntries(Object.entries(values).filter(([name]) => names.has(name)));
}

/** A connector that a release took out of the catalogue, or moved to another provider, needs no scopes here any more. */
function connectorsInUse(
  { catalogue }: BrokerContext,
  asked: CatalogueConnector,
  ids: readonly string[],
): CatalogueConnector[] {
  const others = ids
    .filter((id) => id !== asked.id)
    .map((id) => catalogue.connector(id))
    .filter((other) => other?.provider.id === asked.provider.id);
  return [asked, ...others.filter((other) => other !== undefined)];
}
