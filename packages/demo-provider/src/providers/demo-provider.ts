import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { CatalogueEntry } from '../catalogue.ts';
import type { TokenEndpoint } from '../token-endpoint.ts';

export type ProviderScope = {
  name: string;
  description: string;
};

/** What people see of a provider. */
export type ProviderProfile = {
  id: string;
  name: string;
  /** One sentence for the control page: what is peculiar here. */
  quirk: string;
  /** What one signs in as: `account` or `workspace`. */
  accountNoun: 'account' | 'workspace';
  suggestedAccounts: readonly string[];
  scopes: readonly ProviderScope[];
  /** Whether the consent page lets people untick scopes. */
  scopesOptional: boolean;
};

/** Reasons a provider may give for a grant that ended; only Chatter tells them apart. */
export type WithdrawalReason =
  | 'withdrawn'
  | 'token_revoked'
  | 'account_inactive'
  | 'authorization_not_found';

/** One OAuth provider of the demo world. */
export type DemoProvider = {
  profile: ProviderProfile;
  tokenEndpoint: TokenEndpoint;
  catalogueEntry: CatalogueEntry;
  register(app: FastifyInstance): void;
  /** Ends a grant: its tokens are refused from now on. */
  withdraw(grantId: string, reason: WithdrawalReason): Promise<void>;
  /** Answer with the number of tokens that were ended; undefined: this provider has none that end. */
  expireAccessTokens(): Promise<number | undefined>;
  expireRefreshTokens(): Promise<number | undefined>;
  /** What consent can give at most, like a policy of the provider's administrator; undefined: everything. */
  narrowedScopes(): readonly string[] | undefined;
  narrowScopes(scopes: readonly string[] | undefined): void;
};

/** A stable subject that is not the e-mail address. */
export function subjectOf(providerId: string, account: string): string {
  return createHash('sha256')
    .update(`${providerId}:${account.toLowerCase()}`)
    .digest('hex')
    .slice(0, 16);
}

/** What consent gives: what was asked for and ticked, as far as the narrowing lets it. */
export function grantedScopes(
  asked: readonly string[],
  ticked: readonly string[] | undefined,
  narrowed: readonly string[] | undefined,
): string[] {
  return asked.filter(
    (scope) =>
      (ticked === undefined || ticked.includes(scope)) &&
      (narrowed === undefined || narrowed.includes(scope)),
  );
}

/** The three things a sync worker finds behind a valid token. */
export function sampleItems(providerName: string): { id: string; name: string }[] {
  return ['Welcome', 'Second quarter', 'Archive'].map((name, index) => ({
    id: String(index + 1),
    name: `${name} (${providerName})`,
  }));
}

export function bearerToken(header: string | undefined): string | undefined {
  return header?.match(/^Bearer ([\w.~+/=-]+)$/i)?.[1];
}
