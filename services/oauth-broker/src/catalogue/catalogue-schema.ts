import { type Static, Type } from 'typebox';
import { ClientEntry } from './client-schema.ts';
import { Id, JsonPointer, Name, Parameters, UrlTemplate } from './schema-parts.ts';
import { SourceEntry } from './source-schema.ts';
import { VerdictRule } from './verdict-schema.ts';

/** Whose grant it is, and who says so. */
const IdentityEntry = Type.Object(
  {
    kind: Type.Enum(['user', 'tenant']),
    /** `call` (default): the answer to `call`. `id_token`: the claims of the ID token that came with the code's tokens. */
    from: Type.Optional(Type.Enum(['call', 'id_token'])),
    /** An authenticated request with the access token; `userinfo` is the endpoint of that name. */
    call: Type.Optional(Type.Union([Type.Literal('userinfo'), UrlTemplate])),
    method: Type.Optional(Type.Enum(['GET', 'POST'])),
    /** The provider's stable identifier. Several: all are needed, and they count together. */
    key: Type.Union([JsonPointer, Type.Array(JsonPointer, { minItems: 1, maxItems: 4 })]),
    /** What people recognise it by. */
    label: JsonPointer,
  },
  { additionalProperties: false },
);
export type IdentityEntry = Static<typeof IdentityEntry>;

const ConnectorEntry = Type.Object(
  {
    name: Name,
    kind: Type.Enum(['personal', 'enterprise']),
    scopes: Type.Array(Name),
    /** Where this connector's grant belongs to somebody else than the provider's others: a tenant instead of a user. */
    identity: Type.Optional(IdentityEntry),
    /** The client that authorizes it, by its name under `clients`. */
    client: Type.Optional(Name),
  },
  { additionalProperties: false },
);

/** A part of a URL that differs from customer to customer. */
const Variable = Type.Object(
  {
    /** What a value has to look like, whole. Beyond that it has to be made of letters, digits, dots and hyphens. */
    pattern: Type.String({ minLength: 1 }),
    default: Type.Optional(Name),
    /** Asked of the person at a first authorization, where no client and no account fills it. Such a value is one label of a host name. */
    ask: Type.Optional(
      Type.Object({ label: Name, help: Name, example: Name }, { additionalProperties: false }),
    ),
  },
  { additionalProperties: false },
);

const AccountEntry = Type.Object(
  { client: Type.Optional(Name), values: Type.Optional(Parameters) },
  { additionalProperties: false },
);

const Endpoints = Type.Object(
  {
    authorization: UrlTemplate,
    token: UrlTemplate,
    revocation: Type.Optional(UrlTemplate),
    introspection: Type.Optional(UrlTemplate),
    userinfo: Type.Optional(UrlTemplate),
  },
  { additionalProperties: false },
);

/** A parameter that finds the account at a sign-in, and what it takes: one of the two. */
const Hint = Type.Object(
  {
    parameter: Name,
    /** The part of the identity's key that stands at this pointer. */
    identity: Type.Optional(JsonPointer),
    /** A claim of the ID token. It may be personal: it is kept with the tokens, encrypted. */
    claim: Type.Optional(JsonPointer),
  },
  { additionalProperties: false },
);

const Authorization = Type.Object(
  {
    /** Sent with every authorization request. */
    parameters: Type.Optional(Parameters),
    /** Sent beside them when a credential is renewed; of `hints` the first that is known, and it alone. */
    renewal: Type.Optional(
      Type.Object(
        {
          parameters: Type.Optional(Parameters),
          hints: Type.Optional(Type.Array(Hint, { minItems: 1 })),
        },
        { additionalProperties: false },
      ),
    ),
    /** The same when the person has chosen to switch to another provider account. */
    switch: Type.Optional(
      Type.Object({ parameters: Type.Optional(Parameters) }, { additionalProperties: false }),
    ),
  },
  { additionalProperties: false },
);

const TokenRequest = Type.Object(
  {
    /** `json`: the body is a JSON object instead of a form. */
    format: Type.Optional(Type.Enum(['form', 'json'])),
    /** Sent with every token request. */
    parameters: Type.Optional(Parameters),
  },
  { additionalProperties: false },
);

const Answer = Type.Object(
  {
    /** The object that holds the tokens, where it is not the answer itself: after a code, and after a refresh. */
    exchange: Type.Optional(JsonPointer),
    refresh: Type.Optional(JsonPointer),
  },
  { additionalProperties: false },
);

const Scopes = Type.Object(
  {
    /** The parameter that asks for them; `scope` (default). */
    parameter: Type.Optional(Name),
    separator: Type.Optional(Type.Enum(['space', 'comma'])),
    /** Requested with every connector's own. */
    always: Type.Optional(Type.Array(Name)),
    /** Granted without being listed in the answer. */
    neverReturned: Type.Optional(Type.Array(Name)),
    /** Name in the answer -> name in the catalogue. */
    aliases: Type.Optional(Type.Record(Type.String(), Name)),
    /** Where they stand in the object that holds the tokens; `/scope` (default). */
    answer: Type.Optional(JsonPointer),
  },
  { additionalProperties: false },
);

const AccessToken = Type.Object(
  {
    /** Where the answer has no `expires_in`; `none`: tokens have no end and are checked by the identity call. */
    lifetimeSeconds: Type.Union([Type.Integer({ minimum: 1 }), Type.Literal('none')]),
    /** Where the answer has no `expires_in`, ask the introspection endpoint for `exp` first (RFC 7662). */
    introspect: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);

const RefreshToken = Type.Object(
  {
    /** Counts from the grant: a refresh does not extend it. */
    lifetimeSeconds: Type.Optional(Type.Integer({ minimum: 1 })),
    /** Counts from the last use. Beside `lifetimeSeconds` it is only of interest to readers: a refresh comes long before. */
    idleSeconds: Type.Optional(Type.Integer({ minimum: 1 })),
    /** `replaced`: a new one comes with each use, and the old one lives on. */
    rotation: Type.Enum(['none', 'replaced', 'single_use']),
    /** How long a spent refresh token is still honoured. */
    graceSeconds: Type.Optional(Type.Integer({ minimum: 0 })),
  },
  { additionalProperties: false },
);

/** Where an error answer says what. */
const Errors = Type.Object(
  {
    /** The provider answers 200 with an error inside. */
    inside200: Type.Optional(
      Type.Object(
        {
          /** Absent or true: the answer is good. */
          ok: Type.Optional(JsonPointer),
          error: JsonPointer,
        },
        { additionalProperties: false },
      ),
    ),
    /** The error code, first found counts; `/error` (default). */
    code: Type.Optional(Type.Array(JsonPointer, { minItems: 1 })),
    suberror: Type.Optional(JsonPointer),
    /** A number, or a list of numbers, beside the error. */
    numbers: Type.Optional(JsonPointer),
  },
  { additionalProperties: false },
);

const Revocation = Type.Object(
  {
    /** `client` (default): as RFC 7009 has it. `bearer`: the access token in the header is the one to revoke. */
    authentication: Type.Optional(Type.Enum(['client', 'none', 'bearer'])),
    method: Type.Optional(Type.Enum(['POST', 'GET', 'DELETE'])),
    /** What is handed in; `any` (default): the refresh token where there is one. */
    token: Type.Optional(Type.Enum(['any', 'access_token'])),
    /** What goes with it, for those who look after grants. */
    ends: Type.Enum(['token', 'grant', 'every_grant_of_user_and_client']),
  },
  { additionalProperties: false },
);

/** The content of one YAML file, or of several laid over each other. */
export const ProviderFile = Type.Object(
  {
    id: Id,
    name: Name,
    /** Used for discovery (OpenID Connect Discovery, RFC 8414) unless `endpoints` are given. */
    issuer: Type.Optional(UrlTemplate),
    endpoints: Type.Optional(Endpoints),
    variables: Type.Optional(
      Type.Record(Type.String({ pattern: '^[a-z][A-Za-z0-9]*$' }), Variable),
    ),
    /** How clients authenticate that do not say otherwise; without it, as the metadata says, or `client_secret_basic`. */
    clientAuthentication: Type.Optional(
      Type.Enum(['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none']),
    ),
    clients: Type.Optional(Type.Record(Id, ClientEntry)),
    /** Customers with a client or values of their own, by account id. */
    accounts: Type.Optional(Type.Record(Type.String(), AccountEntry)),
    /** Whether answers of the authorization endpoint carry `iss` (RFC 9207). Discovery metadata can only add to it. */
    issuerParameter: Type.Optional(Type.Boolean()),
    authorization: Type.Optional(Authorization),
    tokenRequest: Type.Optional(TokenRequest),
    answer: Type.Optional(Answer),
    /** Members of a token answer that workers need beside the token, by the names under which they get them. */
    keep: Type.Optional(
      Type.Record(Type.String({ pattern: '^[a-z][A-Za-z0-9]{0,63}$' }), JsonPointer),
    ),
    /** The issuer that ID tokens name, where it differs by tenant: placeholders are claims of the token. */
    idTokenIssuer: Type.Optional(UrlTemplate),
    scopes: Type.Optional(Scopes),
    accessToken: Type.Optional(AccessToken),
    refreshToken: Type.Optional(RefreshToken),
    identity: Type.Optional(IdentityEntry),
    errors: Type.Optional(Errors),
    /** What errors mean, the first that fits counts; what is missing here means what RFC 6749 says (`verdict.ts`). */
    verdicts: Type.Optional(Type.Array(VerdictRule)),
    revocation: Type.Optional(Revocation),
    /** Hosts (`name:port`) that may resolve to private or loopback addresses: an operator's explicit choice. */
    allowPrivateHosts: Type.Optional(Type.Array(Name)),
    connectors: Type.Optional(Type.Record(Id, ConnectorEntry)),
    sources: Type.Optional(Type.Array(SourceEntry)),
  },
  { additionalProperties: false },
);
export type ProviderFile = Static<typeof ProviderFile>;

/** A provider with what its file left to the defaults. */
export type ProviderEntry = ProviderFile &
  Required<Pick<ProviderFile, 'issuer' | 'accessToken' | 'identity' | 'verdicts' | 'connectors'>>;
