import {
  Role,
  type SignInUserRequest,
} from '@credential-renewal/proto/source_registry/v1/source_registry';
import type { GatewayConfig } from '../config.ts';
import { IdentityClaimMissingError } from '../errors.ts';

type Claims = Record<string, unknown>;
type ClaimNames = Pick<
  GatewayConfig['identityProvider'],
  'accountClaim' | 'accountNameClaim' | 'roleClaim'
>;

const maxNameLength = 200;

/**
 * Reads who somebody is from the claims of an ID token (with userinfo) or of an access token (OpenID Connect Core 5.1). A name or
 * address that the token does not carry is empty: not known. Throws IdentityClaimMissingError without a subject or an account.
 */
export function readIdentity(claims: Claims, issuer: string, names: ClaimNames): SignInUserRequest {
  const subject = text(claims['sub']);
  const accountKey = text(claims[names.accountClaim]);
  if (subject === '') throw new IdentityClaimMissingError('sub');
  if (accountKey === '') throw new IdentityClaimMissingError(names.accountClaim);
  return {
    issuer,
    subject,
    accountKey,
    accountName: (text(claims[names.accountNameClaim]) || accountKey)
      .slice(0, maxNameLength)
      .toWellFormed(),
    name: (text(claims['name']) || text(claims['preferred_username']))
      .slice(0, maxNameLength)
      .toWellFormed(),
    email: text(claims['email']),
    role: isAdminClaim(claims[names.roleClaim]) ? Role.ADMIN : Role.MEMBER,
  };
}

function text(claim: unknown): string {
  return typeof claim === 'string' ? claim.trim() : '';
}

function isAdminClaim(claim: unknown): boolean {
  return claim === 'admin' || (Array.isArray(claim) && claim.includes('admin'));
}
