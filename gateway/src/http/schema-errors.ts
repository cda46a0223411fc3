import type { FastifySchemaValidationError } from 'fastify';
import { notBlank } from './schemas/source.ts';

type FieldError = { pointer: string; detail: string };

/** What a schema found wrong, field by field: a JSON pointer (RFC 6901) and a few words that follow it. */
export function namedSchemaErrors(errors: readonly FastifySchemaValidationError[]): FieldError[] {
  // Of a choice every alternative that does not fit is told, and then the choice itself.
  const choices = Map.groupBy(
    errors.filter(({ keyword }) => keyword === 'const'),
    ({ instancePath }) => instancePath,
  );
  return errors.flatMap((error) => {
    const choice = choices.get(error.instancePath);
    if (!choice) return nameOne(error);
    return error === choice[0] ? [nameChoice(error.instancePath, choice)] : [];
  });
}

function nameChoice(
  pointer: string,
  alternatives: readonly FastifySchemaValidationError[],
): FieldError {
  const allowed = alternatives.map(({ params }) => String(params['allowedValue']));
  return { pointer, detail: `must be ${allowed.length > 1 ? 'one of ' : ''}${allowed.join(', ')}` };
}

function nameOne(error: FastifySchemaValidationError): FieldError[] {
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
      return [{ pointer: error.instancePath, detail: wordsOf(error) }];
  }
}

/** A person reads this, so the one pattern of our bodies is told in words. */
function wordsOf({ params, message }: FastifySchemaValidationError): string {
  return params['pattern'] === notBlank ? 'must not be blank' : (message ?? 'is not valid');
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
