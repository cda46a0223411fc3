import type { TSchema } from 'typebox';
import { Settings } from 'typebox/system';
import { Value } from 'typebox/value';

export type Problem = { pointer: string; text: string };

type SchemaError = { keyword: string; instancePath: string; message: string; params: object };

/** What is wrong with a value, one problem per place and cause. */
export function explainSchemaErrors(schema: TSchema, value: unknown): Problem[] {
  const errors = everyError(schema, value);
  // Where none of several forms fits, what is wrong with each of them says nothing.
  const choices = errors.filter(({ keyword }) => keyword === 'anyOf');
  const told = errors.filter(
    (error) =>
      error.keyword === 'anyOf' ||
      !choices.some(
        ({ instancePath }) =>
          error.instancePath === instancePath || error.instancePath.startsWith(`${instancePath}/`),
      ),
  );
  const problems = new Map<string, Problem>();
  for (const error of told) {
    for (const problem of explain(error)) {
      problems.set(`${problem.pointer} ${problem.text}`, problem);
    }
  }
  return [...problems.values()];
}

/** TypeBox stops at the eighth, and keeps the limit for the whole process. */
function everyError(schema: TSchema, value: unknown): SchemaError[] {
  const { maxErrors } = Settings.Get();
  Settings.Set({ maxErrors: 1_000 });
  try {
    return [...Value.Errors(schema, value)] as SchemaError[];
  } finally {
    Settings.Set({ maxErrors });
  }
}

function explain({ keyword, instancePath, message, params }: SchemaError): Problem[] {
  const { additionalProperties, requiredProperties, allowedValues } = params as {
    additionalProperties?: string[];
    requiredProperties?: string[];
    allowedValues?: unknown[];
  };
  const below = (name: string) =>
    `${instancePath}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  switch (keyword) {
    case 'additionalProperties':
      return (additionalProperties ?? []).map((name) => ({
        pointer: below(name),
        text: 'is no key of a catalogue file',
      }));
    case 'required':
      return (requiredProperties ?? []).map((name) => ({
        pointer: below(name),
        text: 'is missing',
      }));
    // Said by `additionalProperties` already.
    case 'boolean':
      return [];
    case 'enum':
      return [{ pointer: instancePath, text: `must be one of ${allowedValues?.join(', ')}` }];
    case 'anyOf':
      return [{ pointer: instancePath, text: 'has none of the forms that are allowed here' }];
    default:
      return [{ pointer: instancePath, text: message }];
  }
}
