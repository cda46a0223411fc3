import { type Static, Type } from 'typebox';

const Id = Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,62}$' });
const Url = Type.String({ pattern: '^https?://' });
/** A JSON pointer (RFC 6901) into an answer of the provider. */
const Pointer = Type.String({ pattern: '^/' });

export const ConnectorEntry = Type.Object(
  {
    id: Id,
    name: Type.String({ minLength: 1 }),
    kind: Type.Union([Type.Literal('personal'), Type.Literal('enterprise')]),
    scopes: Type.Array(Type.String()),
  },
  { additionalProperties: false },
);

/** One provider of the catalogue: the content of one YAML file. */
export const ProviderEntry = Type.Object(
  {
    id: Id,
    name: Type.String({ minLength: 1 }),
    /** Used for discovery (OpenID Connect Discovery, RFC 8414) unless `endpoints` are given. */
    issuer: Url,
    endpoints: Type.Optional(
      Type.Object(
        {
          authorization: Url,
          token: Url,
          revocation: Type.Optional(Url),
          userinfo: Type.Optional(Url),
        },
        { additionalProperties: false },
      ),
    ),
    client: Type.Object(
      {
        id: Type.String({ minLength: 1 }),
        secretFile: Type.Optional(Type.String({ minLength: 1 })),
        authentication: Type.Union([
          Type.Literal('client_secret_basic'),
          Type.Literal('client_secret_post'),
          Type.Literal('none'),
        ]),
      },
      { additionalProperties: false },
    ),
    /** Whether answers of the authorization endpoint carry `iss` (RFC 9207). Discovery metadata can only add to it. */
    issuerParameter: Type.Optional(Type.Boolean({ default: false })),
    authorizationParameters: Type.Optional(Type.Record(Type.String(), Type.String())),
    scopes: Type.Optional(
      Type.Object(
        {
          separator: Type.Optional(Type.Union([Type.Literal('space'), Type.Literal('comma')])),
          /** Requested with every connector's own. */
          always: Type.Optional(Type.Array(Type.String())),
          /** Granted without being listed in the answer. */
          neverReturned: Type.Optional(Type.Array(Type.String())),
          /** Name in the answer -> name in the catalogue. */
          aliases: Type.Optional(Type.Record(Type.String(), Type.String())),
        },
        { additionalProperties: false },
      ),
    ),
    accessToken: Type.Object(
      {
        /** Where the answer has no `expires_in`; `none`: tokens have no end and are checked by the identity call. */
        lifetimeSeconds: Type.Union([Type.Integer({ minimum: 1 }), Type.Literal('none')]),
      },
      { additionalProperties: false },
    ),
    refreshToken: Type.Optional(
      Type.Object(
        {
          lifetimeSeconds: Type.Optional(Type.Integer({ minimum: 1 })),
          /** The life counts from the grant: a refresh does not extend it. */
          absolute: Type.Optional(Type.Boolean()),
          rotation: Type.Union([Type.Literal('none'), Type.Literal('single_use')]),
          /** How long a spent refresh token is still honoured. */
          graceSeconds: Type.Optional(Type.Integer({ minimum: 0 })),
        },
        { additionalProperties: false },
      ),
    ),
    identity: Type.Object(
      {
        kind: Type.Union([Type.Literal('user'), Type.Literal('tenant')]),
        /** An authenticated GET with the access token; `userinfo` is the endpoint of that name. */
        call: Type.Union([Type.Literal('userinfo'), Url]),
        key: Pointer,
        label: Pointer,
      },
      { additionalProperties: false },
    ),
    /** The provider answers 200 with an error inside: where it says so (Slack, GitHub). */
    errorInside200: Type.Optional(
      Type.Object(
        {
          /** Absent or true: the answer is good. */
          ok: Type.Optional(Pointer),
          error: Pointer,
        },
        { additionalProperties: false },
      ),
    ),
    /** Errors of the token endpoint, or of the identity call, that mean for certain that the grant is dead. */
    deadErrors: Type.Array(
      Type.Object(
        {
          error: Type.String({ minLength: 1 }),
          /** access_withdrawn (default), refresh_token_aged, admin_blocked. */
          reason: Type.Optional(
            Type.Union([
              Type.Literal('access_withdrawn'),
              Type.Literal('refresh_token_aged'),
              Type.Literal('admin_blocked'),
            ]),
          ),
        },
        { additionalProperties: false },
      ),
    ),
    /** Hosts (`name:port`) that may resolve to private or loopback addresses: an operator's explicit choice. */
    allowPrivateHosts: Type.Optional(Type.Array(Type.String())),
    connectors: Type.Array(ConnectorEntry, { minItems: 1 }),
  },
  { additionalProperties: false },
);
export type ProviderEntry = Static<typeof ProviderEntry>;
