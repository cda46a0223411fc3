import {
  vaultCallers,
  vaultHoldsCallers,
  vaultKeysCallers,
} from '@credential-renewal/credential-vault';
import {
  deliveryCallers,
  notificationCallers,
  preferencesCallers,
} from '@credential-renewal/notification';
import { brokerCallers } from '@credential-renewal/oauth-broker';
import { CredentialVaultServiceService } from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import { VaultHoldsServiceService } from '@credential-renewal/proto/credential_vault/v1/vault_holds';
import { VaultKeysServiceService } from '@credential-renewal/proto/credential_vault/v1/vault_keys';
import { NotificationDeliveryServiceService } from '@credential-renewal/proto/notification/v1/deliveries';
import { NotificationServiceService } from '@credential-renewal/proto/notification/v1/notification';
import { NotificationPreferencesServiceService } from '@credential-renewal/proto/notification/v1/preferences';
import { OauthBrokerServiceService } from '@credential-renewal/proto/oauth_broker/v1/oauth_broker';
import { DrillServiceService } from '@credential-renewal/proto/source_registry/v1/drills';
import { SourceRegistryServiceService } from '@credential-renewal/proto/source_registry/v1/source_registry';
import type { Caller, CallersOf, RpcDefinition } from '@credential-renewal/rpc';
import { drillCallers, registryCallers } from '@credential-renewal/source-registry';

export type ServedContract = {
  /** Of the generated definition. */
  exportName: string;
  /** `credential_vault.v1.CredentialVaultService`. */
  name: string;
  definition: RpcDefinition;
  callers: Readonly<Record<string, readonly Caller[]>>;
};

/** Every contract that a service serves, with who may call it: a new one is a line here. */
export const servedContracts: readonly ServedContract[] = [
  contract('CredentialVaultServiceService', CredentialVaultServiceService, vaultCallers),
  contract('VaultKeysServiceService', VaultKeysServiceService, vaultKeysCallers),
  contract('VaultHoldsServiceService', VaultHoldsServiceService, vaultHoldsCallers),
  contract('OauthBrokerServiceService', OauthBrokerServiceService, brokerCallers),
  contract('SourceRegistryServiceService', SourceRegistryServiceService, registryCallers),
  contract('DrillServiceService', DrillServiceService, drillCallers),
  contract('NotificationServiceService', NotificationServiceService, notificationCallers),
  contract(
    'NotificationPreferencesServiceService',
    NotificationPreferencesServiceService,
    preferencesCallers,
  ),
  contract(
    'NotificationDeliveryServiceService',
    NotificationDeliveryServiceService,
    deliveryCallers,
  ),
];

function contract<D extends RpcDefinition>(
  exportName: string,
  definition: D,
  callers: CallersOf<D>,
): ServedContract {
  const [, name = ''] = Object.values(definition)[0]?.path.split('/') ?? [];
  return { exportName, name, definition, callers: callers as ServedContract['callers'] };
}
