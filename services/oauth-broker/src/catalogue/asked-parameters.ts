import type { Connector_Parameter } from '@credential-renewal/proto/oauth_broker/v1/oauth_broker';
import { type FieldViolation, InputInvalidError } from '@credential-renewal/runtime';
import type { CatalogueProvider } from './catalogue.ts';
import { missingValues } from './choose-client.ts';
import type { CatalogueClient } from './load-client.ts';
import { isLabel } from './url-template.ts';

/** What a person of this account has to say at a first authorization: what is asked for and filled by nobody else. */
export function askedParameters(
  provider: CatalogueProvider,
  client: CatalogueClient,
  accountId: string,
): Connector_Parameter[] {
  const unfilled = missingValues(provider, client, accountId);
  return Object.entries(provider.variables ?? {}).flatMap(([name, { ask, pattern }]) =>
    ask && unfilled.includes(name) ? [{ name, pattern, ...ask }] : [],
  );
}

/**
 * Throws an InputInvalidError that names every parameter which is missing, unknown or of another form. That it is a single
 * label is asked whatever the pattern allows: a person must not name a host, let alone one inside.
 */
export function checkParameters(
  asked: readonly Connector_Parameter[],
  given: Readonly<Record<string, string>>,
): void {
  const violations: FieldViolation[] = [];
  const tell = (name: string, description: string) =>
    violations.push({ field: `parameters.${name}`, description });
  for (const { name, pattern, example } of asked) {
    const value = Object.hasOwn(given, name) ? (given[name] ?? '') : '';
    if (value === '') tell(name, 'is required');
    else if (!isLabel(value) || !new RegExp(`^(?:${pattern})$`).test(value))
      tell(name, `must look like ${example}`);
  }
  for (const name of Object.keys(given)) {
    if (!asked.some((parameter) => parameter.name === name)) tell(name, 'is not asked for');
  }
  if (violations.length > 0) throw new InputInvalidError(violations);
}
