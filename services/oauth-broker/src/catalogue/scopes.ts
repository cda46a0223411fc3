import type { ProviderEntry } from './catalogue-schema.ts';

type ScopeRules = Pick<ProviderEntry, 'scopes'>;

/** The scopes of one or more connectors as they are requested: the provider's own first, each once. */
export function scopesToRequest(
  provider: ScopeRules,
  connectors: readonly { scopes: readonly string[] }[],
): string[] {
  return [
    ...new Set([
      ...(provider.scopes?.always ?? []),
      ...connectors.flatMap((connector) => connector.scopes),
    ]),
  ];
}

export function joinScopes(provider: ScopeRules, scopes: readonly string[]): string {
  return scopes.join(provider.scopes?.separator === 'comma' ? ',' : ' ');
}

/**
 * The scopes of an answer in the catalogue's words. Both separators are accepted, because providers that document one
 * have answered with the other; no known scope contains a comma or a space.
 */
export function normaliseScopes(provider: ScopeRules, answered: string): string[] {
  const names = answered.split(/[\s,]+/).filter(Boolean);
  return [...new Set(names.map((name) => provider.scopes?.aliases?.[name] ?? name))];
}

/** Those of `required` that `granted` (normalised) lacks, as this provider compares scopes. */
export function missingScopes(
  provider: ScopeRules,
  required: readonly string[],
  granted: readonly string[],
): string[] {
  const held = new Set([...granted, ...(provider.scopes?.neverReturned ?? [])]);
  return required.filter((scope) => !held.has(scope));
}
