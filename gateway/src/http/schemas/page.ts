import { type Static, type TSchema, Type } from 'typebox';

/** Ids are UUIDv7; anything else cannot exist and is answered like an unknown id. */
export const Id = Type.String({ minLength: 1, maxLength: 64 });

export const Named = Type.Object({ id: Id, name: Type.String() });
export type Named = Static<typeof Named>;

export const Time = Type.String({ format: 'date-time' });

export function Nullable<T extends TSchema>(schema: T) {
  return Type.Union([schema, Type.Null()]);
}

export const PageQuery = Type.Object(
  {
    // Not Type.Integer: a query's text is converted, and that would silently cut 1.5 to 1.
    pageSize: Type.Optional(Type.Number({ minimum: 1, maximum: 200, multipleOf: 1, default: 50 })),
    pageToken: Type.Optional(Type.String({ minLength: 1, maxLength: 500 })),
  },
  { additionalProperties: false },
);

/** One page of a list; `nextPageToken` is null on the last. */
export function PageOf<T extends TSchema>(item: T) {
  return Type.Object({ items: Type.Array(item), nextPageToken: Nullable(Type.String()) });
}
export type PageOf<T> = { items: T[]; nextPageToken: string | null };
