import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv, type ErrorObject } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { AsyncApiDocument } from './async-api.ts';
import type { JsonSchema } from './json-schema.ts';

/** Where the document does not follow AsyncAPI 3.0, or refers to what it does not hold: one line each. */
export function findAsyncApiProblems(document: AsyncApiDocument): string[] {
  // The official schema brings the meta-schemas it refers to.
  const ajv = addFormats.default(new Ajv({ strict: false, meta: false, validateSchema: false }));
  const path = fileURLToPath(import.meta.resolve('@asyncapi/specs/schemas/3.0.0.json'));
  const official = JSON.parse(readFileSync(path, 'utf8'));
  return [
    ...problems('asyncapi.yaml', ajv.validate(official, document) ? [] : ajv.errors),
    ...references(document)
      .filter((reference) => !holds(document, reference))
      .map((reference) => `asyncapi.yaml: there is no ${reference}`),
  ];
}

function references(part: unknown): string[] {
  if (typeof part !== 'object' || part === null) return [];
  return Object.entries(part).flatMap(([name, value]) =>
    name === '$ref' ? [String(value)] : references(value),
  );
}

/** All references are to the document itself; no name in it has a `/` or a `~`. */
function holds(document: unknown, reference: string): boolean {
  const [start, ...names] = reference.split('/');
  const found = names.reduce<unknown>(
    (at, name) => (at as Record<string, unknown> | undefined)?.[name],
    document,
  );
  return start === '#' && found !== undefined;
}

/** Examples in `examples` whose headers or data are not what `document` says of the message of that name. */
export function findExampleProblems(
  document: AsyncApiDocument,
  examples: AsyncApiDocument = document,
): string[] {
  const ajv = addFormats.default(new Ajv({ strict: false }));
  ajv.addSchema({ ...document, $id: 'asyncapi' });
  return Object.entries(examples.components.messages).flatMap(([name, message]) => {
    if (!document.components.messages[name]) return [];
    return message.examples.flatMap((example) =>
      (['headers', 'payload'] as const).flatMap((part) => {
        const schema = { $ref: `asyncapi#/components/messages/${name}/${part}` };
        const valid = ajv.validate(schema, example[part]);
        return problems(`${part} of the example ${example.name}`, valid ? [] : ajv.errors);
      }),
    );
  });
}

/** Data of examples that the stand-alone JSON Schema of its message refuses. */
export function findSchemaProblems(
  schemas: ReadonlyMap<string, JsonSchema>,
  { components }: AsyncApiDocument,
): string[] {
  const ajv = addFormats.default(new Ajv2020({ strict: true, strictRequired: false }));
  return [...schemas].flatMap(([name, schema]) => {
    const validate = ajv.compile(schema);
    const examples = components.messages[name]?.examples ?? [];
    if (examples.length === 0) return [`${name} has no example`];
    return examples.flatMap(({ payload }) =>
      problems(`the example of ${name}`, validate(payload) ? [] : validate.errors),
    );
  });
}

function problems(where: string, errors: readonly ErrorObject[] | null | undefined): string[] {
  return (errors ?? []).map(({ instancePath, message }) => `${where}: ${instancePath} ${message}`);
}
