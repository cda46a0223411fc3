import { Type } from 'typebox';
import { JsonPointer, Name } from './schema-parts.ts';

/** Where facts of the file come from. */
export const SourceEntry = Type.Object(
  {
    /** Places in this very file, as JSON pointers. */
    facts: Type.Array(JsonPointer, { minItems: 1 }),
    title: Type.Optional(Name),
    url: Type.Optional(Type.String({ pattern: '^https://' })),
    /** When it was read. */
    date: Type.Optional(Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' })),
    /** Believed, and not found in the vendor's documents. */
    unverified: Type.Optional(Type.Boolean()),
    note: Type.Optional(Name),
  },
  { additionalProperties: false },
);
