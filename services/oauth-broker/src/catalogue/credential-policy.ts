import type {
  CredentialPolicy,
  AcquireLeaseResponse_Granted as Granted,
} from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import { durationFromMs } from '@credential-renewal/rpc';
import type { VaultClient } from '../service-clients.ts';
import type { Provider } from './catalogue.ts';

/** What the vault has to know of a provider to keep its credentials. */
export function credentialPolicyOf(
  provider: Provider,
  identityCheckIntervalMs: number,
): CredentialPolicy {
  return {
    providerId: provider.id,
    providerName: provider.name,
    clientId: provider.client.id,
    rotationGrace: durationFromMs((provider.refreshToken?.graceSeconds ?? 0) * 1000),
    identityCheckInterval: durationFromMs(identityCheckIntervalMs),
    rotates: provider.refreshToken?.rotation === 'single_use',
  };
}

/** The same for a provider that the catalogue has lost, as far as the vault knows it; the next good attempt mends the rest. */
export async function policyWithoutCatalogue(
  vault: Pick<VaultClient, 'getCredential'>,
  credentialId: string,
  { providerId, clientId }: Granted,
): Promise<CredentialPolicy> {
  const { state } = await vault.getCredential({ credentialId });
  return {
    providerId,
    providerName: state?.providerName ?? providerId,
    clientId,
    rotationGrace: undefined,
    identityCheckInterval: undefined,
    rotates: true,
  };
}
