import type { DescEnum, DescField, DescMessage, DescOneof } from '@bufbuild/protobuf';
import { FeatureSet_FieldPresence } from '@bufbuild/protobuf/wkt';
import { ContractsInvalidError } from '../contracts-invalid-error.ts';
import type { Commented } from './comments.ts';
import { mapKeySchema, scalarSchema, zeroOf } from './scalar-schema.ts';

export type JsonSchema = { [keyword: string]: unknown };

export type SchemaRules = {
  /** Where a definition is found: `#/$defs/Reason`. */
  refTo: (name: string) => string;
  comment: (element: Commented) => string;
  /** JSON names of the fields that are in every such message. */
  alwaysPresent: (message: DescMessage) => readonly string[];
};

/**
 * JSON Schemas (2020-12; no keyword that draft-07 lacks, because AsyncAPI builds on that) of the proto3 JSON form of a message and of
 * all it needs, by `definitionName`. Open on purpose: a later version may add fields and enum values, and a consumer that
 * validates must not be the one who breaks. So unknown properties are allowed, and an enum is any name with its prefix.
 */
export function definitionsOf(message: DescMessage, rules: SchemaRules): Map<string, JsonSchema> {
  const found = new Map<string, JsonSchema>();
  const visit = (type: DescMessage | DescEnum): void => {
    const name = definitionName(type);
    if (found.has(name)) return;
    found.set(name, {});
    const schema = type.kind === 'enum' ? enumSchema(type, rules) : messageSchema(type, rules);
    found.set(name, schema);
    if (type.kind === 'message') type.fields.flatMap(typesOf).forEach(visit);
  };
  visit(message);
  return found;
}

/** `events.v1.Actor.Kind` is `Actor_Kind`, as in the generated code. */
export function definitionName({ typeName, file }: DescMessage | DescEnum): string {
  return typeName.slice(file.proto.package.length + 1).replaceAll('.', '_');
}

function messageSchema(message: DescMessage, rules: SchemaRules): JsonSchema {
  const required = rules.alwaysPresent(message);
  for (const name of required) {
    if (!message.fields.some(({ jsonName }) => jsonName === name)) {
      throw new ContractsInvalidError(
        `${message.typeName} has no field "${name}"; correct events/always-present.ts`,
      );
    }
  }
  const properties = message.fields.map((field) => [
    field.jsonName,
    fieldSchema(field, required.includes(field.jsonName), rules),
  ]);
  return {
    description: rules.comment(message),
    type: 'object',
    properties: Object.fromEntries(properties),
    ...(required.length > 0 ? { required: [...required] } : {}),
    additionalProperties: true,
    ...(message.oneofs.length > 0 ? { allOf: message.oneofs.map(atMostOneOf) } : {}),
  };
}

/** None of them may be there: unset, or a member that a later version adds. */
function atMostOneOf({ fields }: DescOneof): JsonSchema {
  const each = fields.map(({ jsonName }) => ({ required: [jsonName] }));
  return { oneOf: [...each, { not: { anyOf: each } }] };
}

function enumSchema(type: DescEnum, rules: SchemaRules): JsonSchema {
  const [zero] = type.values;
  const description = `${rules.comment(type)} A later version may add values: take one that you do not know for ${zero?.name}.`;
  return {
    description,
    type: 'string',
    anyOf: [
      ...type.values.map((value) => ({ const: value.name, description: rules.comment(value) })),
      { pattern: `^${prefixOf(type)}[A-Z0-9_]+$`, description: 'A value of a later version.' },
    ],
  };
}

/** buf's lint makes sure that the first value is `<PREFIX>_UNSPECIFIED` and that all have the prefix. */
function prefixOf(type: DescEnum): string {
  return (type.values[0]?.name ?? '').replace(/UNSPECIFIED$/, '');
}

function fieldSchema(field: DescField, required: boolean, rules: SchemaRules): JsonSchema {
  const description = rules.comment(field);
  const implied = required ? undefined : impliedValue(field);
  const rest = { description, ...(implied === undefined ? {} : { default: implied }) };
  switch (field.fieldKind) {
    case 'list':
      return { ...rest, type: 'array', items: singleSchema(field, rules) };
    case 'map': {
      const propertyNames = mapKeySchema(field.mapKey);
      const additionalProperties = singleSchema(field, rules);
      return { ...rest, type: 'object', propertyNames, additionalProperties };
    }
    case 'scalar':
    case 'enum':
    case 'message': {
      const single = singleSchema(field, rules);
      // Beside a `$ref`, AsyncAPI ignores everything.
      return '$ref' in single ? { ...rest, allOf: [single] } : { ...rest, ...single };
    }
    default:
      return field satisfies never;
  }
}

/** What an absent field means in proto3 JSON; undefined where absence is its own meaning. */
function impliedValue(field: DescField): unknown {
  if (field.fieldKind === 'list') return [];
  if (field.fieldKind === 'map') return {};
  if (field.presence !== FeatureSet_FieldPresence.IMPLICIT) return undefined;
  if (field.fieldKind === 'enum') return field.enum.values[0]?.name;
  return field.fieldKind === 'scalar' ? zeroOf(field.scalar) : undefined;
}

/** What a field holds; in a list or a map, one of them. */
function singleSchema(field: DescField, { refTo }: SchemaRules): JsonSchema {
  const type = field.message ?? field.enum;
  if (type?.typeName === 'google.protobuf.Timestamp') {
    return { type: 'string', format: 'date-time', pattern: 'Z$' };
  }
  if (type?.typeName.startsWith('google.')) {
    throw new ContractsInvalidError(
      `${field} is a ${type.typeName}, whose JSON form the generated code does not write; events cannot use it`,
    );
  }
  if (type) return { $ref: refTo(definitionName(type)) };
  if (field.scalar === undefined) throw new Error(`${field} has no type`);
  return scalarSchema(field.scalar);
}

function typesOf(field: DescField): (DescMessage | DescEnum)[] {
  const type = field.message ?? field.enum;
  return type === undefined || type.typeName.startsWith('google.') ? [] : [type];
}
