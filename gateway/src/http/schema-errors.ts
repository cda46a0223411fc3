import type { FastifySchemaValidationError } from 'fastify';

/** What a schema found wrong, field by field: a JSON pointer (RFC 6901) and a few words that follow it. */
export function namedSchemaErrors(
  error: FastifySchemaValidationError,
): { pointer: string; detail: string }[] {
  const { missing, unknown } = propertiesOf(error.params);
  switch (error.keyword) {
    case 'required':
      return missing.map((name) => ({
        pointer: `${error.instancePath}/${escapePointer(name)}`,
        detail: 'is required',
      }));
    case 'additionalProperties':
      return unknown.map((name) => ({
        pointer: `${error.instancePath}/${escapePointer(name)}`,
        detail: 'is not known here',
      }));
    // TypeBox tells every unknown property twice; the other telling has its name.
    case 'boolean':
      return [];
    default:
      return [{ pointer: error.instancePath, detail: error.message ?? 'is not valid' }];
  }
}

/** TypeBox lists all names in one error. */
function propertiesOf(params: Record<string, unknown>): { missing: string[]; unknown: string[] } {
  const list = (value: unknown) => (Array.isArray(value) ? value.map(String) : []);
  return {
    missing: list(params['requiredProperties']),
    unknown: list(params['additionalProperties']),
  };
}

/** RFC 6901 section 3; cut, since the name is the caller's. */
function escapePointer(name: string): string {
  return name.slice(0, 100).replaceAll('~', '~0').replaceAll('/', '~1');
}
