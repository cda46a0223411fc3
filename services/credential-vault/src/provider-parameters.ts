import type { ProviderParameters } from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import type { Credential } from './credential.ts';

/** What workers need beside the token: whatever the provider told with it, and which host is to be called. */
export function keptFor({ tokens, parameters }: Credential): Record<string, string> {
  return { ...tokens.kept, ...parameters };
}

export function parametersMessage({ parameters }: Credential): ProviderParameters | undefined {
  return parameters && { values: parameters };
}
