import type { Connector_Parameter } from '@credential-renewal/proto/oauth_broker/v1/oauth_broker';
import { type FieldViolation, InputInvalidError } from '@credential-renewal/runtime';
import type { GivenParameters } from './schemas/index.ts';

/**
 * What a person gave, trimmed. Throws an InputInvalidError that names every parameter which is missing, unknown or of another
 * form: asked here, so that nothing is added first, and again by the broker, whose law it is.
 */
export function readParameters(
  asked: readonly Connector_Parameter[],
  given: GivenParameters = {},
): Record<string, string> {
  const violations: FieldViolation[] = [];
  const tell = (name: string, description: string) =>
    violations.push({ field: `parameters.${name}`, description });
  const values = Object.fromEntries(
    Object.entries(given).map(([name, value]) => [name, value.trim()]),
  );
  for (const { name, pattern, example } of asked) {
    const value = values[name] ?? '';
    if (value === '') tell(name, 'is required');
    else if (!new RegExp(`^(?:${pattern})$`).test(value)) tell(name, `must look like ${example}`);
  }
  for (const name of Object.keys(values)) {
    if (!asked.some((parameter) => parameter.name === name)) tell(name, 'is not asked for');
  }
  if (violations.length > 0) throw new InputInvalidError(violations);
  return values;
}
