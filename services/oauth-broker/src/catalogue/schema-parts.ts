import { Type } from 'typebox';

export const Id = Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,62}$' });

export const Name = Type.String({ minLength: 1 });

/** A URL, with `{placeholders}` for what differs from customer to customer. */
export const UrlTemplate = Type.String({ pattern: '^https?://' });

/** A JSON pointer (RFC 6901) into an answer of the provider. */
export const JsonPointer = Type.String({ pattern: '^/' });

export const Parameters = Type.Record(Type.String(), Name);
