import { type Static, Type } from 'typebox';
import { Name, Parameters } from './schema-parts.ts';

/** One registration of ours at a provider. Files are named relative to the file that names them. */
export const ClientEntry = Type.Object(
  {
    id: Type.Optional(Name),
    idFile: Type.Optional(Name),
    secretFile: Type.Optional(Name),
    /** For `private_key_jwt` (RFC 7523): PKCS#8 PEM or a JWK. */
    privateKeyFile: Type.Optional(Name),
    keyId: Type.Optional(Name),
    /** The certificate the provider knows the key by: its thumbprint goes into the assertion (`x5t#S256`). */
    certificateFile: Type.Optional(Name),
    authentication: Type.Optional(
      Type.Enum(['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none']),
    ),
    /** For the placeholders in URLs. */
    values: Type.Optional(Parameters),
  },
  { additionalProperties: false },
);
export type ClientEntry = Static<typeof ClientEntry>;
