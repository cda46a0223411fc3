import type { CredentialPolicy } from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import { durationFromMs } from '@credential-renewal/rpc';
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
