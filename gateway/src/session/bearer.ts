import { createHash } from 'node:crypto';
import type {
  SignInUserRequest,
  SourceRegistryServiceService,
} from '@credential-renewal/proto/source_registry/v1/source_registry';
import type { RpcClient } from '@credential-renewal/rpc';
import { type Clock, DomainError } from '@credential-renewal/runtime';
import {
  createRemoteJWKSet,
  customFetch,
  errors,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
} from 'jose';
import type { GatewayConfig } from '../config.ts';
import {
  BearerTokenInvalidError,
  IdentityClaimMissingError,
  IdentityProviderUnavailableError,
  SessionInvalidError,
} from '../errors.ts';
import { readIdentity } from '../sign-in/identity.ts';
import type { IdentityProvider } from '../sign-in/identity-provider.ts';
import type { ProviderFetch } from '../sign-in/provider-fetch.ts';

export type BearerVerifier = {
  /** Rejects with BearerTokenInvalidError, or IdentityProviderUnavailableError when the keys cannot be had. */
  verify(token: string): Promise<{ userId: string; expiresAtMs: number }>;
};

const clockToleranceSeconds = 30;
const identityCacheMs = 5 * 60_000;
const identityCacheSize = 10_000;
const signatureAlgorithms = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];
/** RFC 9068 section 2.1 asks for at+jwt; many providers still send JWT or nothing. */
const tokenTypes = new Set(['at+jwt', 'application/at+jwt', 'jwt']);

/**
 * Checks access tokens of the identity provider that are JWTs for our audience (RFC 9068), and makes their subject known
 * to the registry as a sign-in would.
 */
export function createBearerVerifier(options: {
  identityProvider: IdentityProvider;
  claims: GatewayConfig['identityProvider'];
  audience: string;
  fetch: ProviderFetch;
  registry: Pick<RpcClient<typeof SourceRegistryServiceService>, 'signInUser'>;
  clock: Clock;
}): BearerVerifier {
  const { identityProvider, registry, clock } = options;
  const userIds = new Map<string, { userId: Promise<string>; untilMs: number }>();
  let keys: JWTVerifyGetKey | undefined;

  async function check(token: string): Promise<{ payload: JWTPayload; issuer: string }> {
    const { issuer, jwksUri } = await identityProvider.keySource();
    keys ??= createRemoteJWKSet(jwksUri, {
      timeoutDuration: 5_000,
      [customFetch]: options.fetch,
    });
    try {
      const { payload, protectedHeader } = await jwtVerify(token, keys, {
        issuer,
        audience: options.audience,
        algorithms: signatureAlgorithms,
        clockTolerance: clockToleranceSeconds,
        requiredClaims: ['exp', 'sub'],
      });
      if (!tokenTypes.has((protectedHeader.typ ?? 'jwt').toLowerCase()))
        throw new BearerTokenInvalidError('it is not an access token.');
      return { payload, issuer };
    } catch (error) {
      throw asBearerError(error);
    }
  }

  /** The registry is told again when a claim changes, and every five minutes. */
  function userIdOf(identity: SignInUserRequest): Promise<string> {
    const key = createHash('sha256').update(JSON.stringify(identity)).digest('base64url');
    const nowMs = clock.nowMs();
    const kept = userIds.get(key);
    if (kept && kept.untilMs > nowMs) return kept.userId;
    const userId = registry.signInUser(identity).then(({ user }) => user?.id ?? '');
    userIds.delete(key);
    userIds.set(key, { userId, untilMs: nowMs + identityCacheMs });
    userId.catch(() => userIds.delete(key));
    if (userIds.size > identityCacheSize) userIds.delete(userIds.keys().next().value ?? '');
    return userId;
  }

  return {
    async verify(token) {
      const { payload, issuer } = await check(token);
      try {
        const userId = await userIdOf(readIdentity(payload, issuer, options.claims));
        return { userId, expiresAtMs: expiresAtMs(payload, clock) };
      } catch (error) {
        if (error instanceof IdentityClaimMissingError)
          throw new BearerTokenInvalidError(error.message);
        if (error instanceof DomainError && error.code === 'USER_LEFT')
          throw new SessionInvalidError('USER_LEFT');
        throw error;
      }
    },
  };
}

/** `exp` was set by the issuer's clock; ours may be shifted (demo, tests), so what counts is the time that is left. */
function expiresAtMs(payload: JWTPayload, clock: Clock): number {
  return clock.nowMs() + (payload.exp ?? 0) * 1000 - Date.now();
}

function asBearerError(error: unknown): Error {
  if (error instanceof BearerTokenInvalidError) return error;
  if (error instanceof errors.JWTExpired) return new BearerTokenInvalidError('it has expired.');
  if (error instanceof errors.JWTClaimValidationFailed)
    return new BearerTokenInvalidError(`its claim "${error.claim}" does not fit.`);
  // Not the token's fault: the keys could not be fetched, or what came is no key set.
  if (!(error instanceof errors.JOSEError) || keySetCodes.has(error.code))
    return new IdentityProviderUnavailableError(error);
  return new BearerTokenInvalidError('it is not a JWT signed by the identity provider.');
}

const keySetCodes = new Set(['ERR_JWKS_TIMEOUT', 'ERR_JWKS_INVALID', 'ERR_JOSE_GENERIC']);
