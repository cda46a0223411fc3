import type { CredentialVaultServiceService } from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import { durationFromMs, type RpcClient } from '@credential-renewal/rpc';
import type { RotatingProvider } from './rotating-provider.ts';

export const accountId = 'acme';

/** A credential as a finished first authorization leaves it. */
export async function authorize(options: {
  vault: RpcClient<typeof CredentialVaultServiceService>;
  provider: RotatingProvider;
  graceSeconds: number;
  lifeSeconds: number;
  /** Of whom: a second grant of the same person renews the first one's credential. */
  person?: string;
}): Promise<string> {
  const { vault, provider, graceSeconds, lifeSeconds } = options;
  const { id, refreshToken } = provider.newGrant();
  const person = options.person ?? id;
  await vault.storeCandidate({
    transactionId: `transaction-${id}`,
    accountId,
    credentialId: undefined,
    tokens: {
      accessToken: `first-${id}`,
      refreshToken,
      expiresIn: durationFromMs(lifeSeconds * 1_000),
      refreshExpiresIn: undefined,
      refreshLifeAbsolute: false,
      kept: {},
      scopes: ['files.read'],
    },
  });
  const { outcome } = await vault.commitCandidate({
    transactionId: `transaction-${id}`,
    identity: { kind: 'user', key: person, maskedLabel: person },
    requiredScopes: ['files.read'],
    grantedScopes: ['files.read'],
    missingScopes: [],
    switchIdentity: false,
    actor: undefined,
    policy: {
      providerId: 'rotating',
      providerName: 'Rotating',
      clientId: 'our-client',
      rotates: true,
      rotationGrace: durationFromMs(graceSeconds * 1_000),
      identityCheckInterval: durationFromMs(900_000),
    },
  });
  if (outcome?.$case !== 'installed') throw new Error(`not installed: ${outcome?.$case}`);
  return outcome.value.state?.credentialId ?? '';
}
