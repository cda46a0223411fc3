import type {
  DescribeCredentialUsesResponse,
  SourceRegistryServiceService,
} from '@credential-renewal/proto/source_registry/v1/source_registry';
import type { RpcClient } from '@credential-renewal/rpc';

/** What notification asks of the registry. */
export type UsesRegistry = Pick<
  RpcClient<typeof SourceRegistryServiceService>,
  'describeCredentialUses'
>;

export type CredentialOfAccount = { accountId: string; credentialId: string };

/** What uses a credential and who is to be told. */
export function describeUses(
  registry: UsesRegistry,
  { accountId, credentialId }: CredentialOfAccount,
  options: { administrators: boolean } = { administrators: false },
): Promise<DescribeCredentialUsesResponse> {
  return registry.describeCredentialUses({ accountId, credentialId, ...options });
}
