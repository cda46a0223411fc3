import type { GrantedScopes } from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import { checkInput } from '@credential-renewal/rpc';
import type { BrokerContext } from '../broker-context.ts';
import { scopeUpgrade } from '../catalogue/scope-upgrade.ts';
import type { BrokerHandlers } from './broker-handlers.ts';

/** As many as a page of a list can show. */
const maxUses = 200;

/**
 * Found out whenever somebody looks, from the catalogue as it is and the grant as the vault has it: a release that adds a scope
 * is effective with the restart that brings it, and writes to no credential.
 */
export function listScopeUpgrades(broker: BrokerContext): BrokerHandlers['listScopeUpgrades'] {
  return async ({ accountId, uses }) => {
    checkInput((check) => {
      check.id('account_id', accountId);
      check.that('uses', uses.length <= maxUses, `must not be more than ${maxUses}`);
      uses.forEach(({ credentialId, connectorId }, index) => {
        check.id(`uses[${index}].credential_id`, credentialId);
        check.id(`uses[${index}].connector_id`, connectorId);
      });
    });
    const credentialIds = [...new Set(uses.map(({ credentialId }) => credentialId))];
    if (credentialIds.length === 0) return { upgrades: [] };
    const { grants } = await broker.vault.listGrantedScopes({ accountId, credentialIds });
    const grantOf = new Map(grants.map((grant) => [grant.credentialId, grant]));
    return {
      upgrades: uses
        .map((use) => ({
          ...use,
          missingScopes: missingOf(broker, use.connectorId, grantOf.get(use.credentialId)),
        }))
        .filter(({ missingScopes }) => missingScopes.length > 0),
    };
  };
}

/** A connector that a release took out, or moved to another provider, asks for nothing at this one. */
function missingOf(
  { catalogue }: BrokerContext,
  connectorId: string,
  grant: GrantedScopes | undefined,
): string[] {
  const connector = catalogue.connector(connectorId);
  if (!grant || connector?.provider.id !== grant.providerId) return [];
  return scopeUpgrade(connector.provider, connector.scopes, grant);
}
