import type { ProviderParameters } from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import type { Credential } from './credential.ts';

export function parametersMessage({ parameters }: Credential): ProviderParameters | undefined {
  return parameters && { values: parameters };
}
