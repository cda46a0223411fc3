import { ScalarType } from '@bufbuild/protobuf';
import type { JsonSchema } from './json-schema.ts';

const signed64 = '^(0|-?[1-9][0-9]{0,18})$';
const unsigned64 = '^(0|[1-9][0-9]{0,19})$';

/** A scalar as proto3 JSON writes it (https://protobuf.dev/programming-guides/json/): 64-bit numbers are strings. */
export function scalarSchema(type: ScalarType): JsonSchema {
  switch (type) {
    case ScalarType.STRING:
      return { type: 'string' };
    case ScalarType.BOOL:
      return { type: 'boolean' };
    case ScalarType.BYTES:
      return { type: 'string', contentEncoding: 'base64' };
    case ScalarType.INT32:
    case ScalarType.SINT32:
    case ScalarType.SFIXED32:
      return { type: 'integer', minimum: -(2 ** 31), maximum: 2 ** 31 - 1 };
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return { type: 'integer', minimum: 0, maximum: 2 ** 32 - 1 };
    case ScalarType.INT64:
    case ScalarType.SINT64:
    case ScalarType.SFIXED64:
      return { type: 'string', pattern: signed64 };
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return { type: 'string', pattern: unsigned64 };
    case ScalarType.FLOAT:
    case ScalarType.DOUBLE:
      return { anyOf: [{ type: 'number' }, { enum: ['NaN', 'Infinity', '-Infinity'] }] };
    default:
      return type satisfies never;
  }
}

/** The value that proto3 JSON leaves out. */
export function zeroOf(type: ScalarType): string | number | boolean {
  const { type: form } = scalarSchema(type);
  if (form === 'boolean') return false;
  if (form !== 'string') return 0;
  return type === ScalarType.STRING || type === ScalarType.BYTES ? '' : '0';
}

/** Keys of a map are strings in JSON whatever their type. */
export function mapKeySchema(type: ScalarType): JsonSchema {
  const { type: form, pattern } = scalarSchema(type);
  if (form === 'boolean') return { enum: ['true', 'false'] };
  if (form === 'integer') return { pattern: '^(0|-?[1-9][0-9]*)$' };
  return pattern === undefined ? {} : { pattern };
}
