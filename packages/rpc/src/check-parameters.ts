import type { Connector_Parameter } from '@credential-renewal/proto/oauth_broker/v1/oauth_broker';
import { type FieldViolation, InputInvalidError } from '@credential-renewal/runtime';

/**
 * What a person gave of what a connector asks for. Throws an InputInvalidError that names every parameter which is missing, unknown or of
 * another form. That it is a single label is asked whatever the pattern allows: a person must not name a host, let alone one inside.
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

/** Whether a value is one label of a host name (RFC 1123 section 2.1), and so can name no other host than the template means. */
export function isLabel(value: string): boolean {
  return /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/.test(value);
}
