import { type Static, Type } from 'typebox';
import { Name } from './schema-parts.ts';

const OneOrMore = Type.Union([Name, Type.Array(Name, { minItems: 1 })]);

/**
 * What an error answer means (semantics 11). `error` alone decides, with `suberror` where the provider documents it; `status`
 * narrows, `number` and `description` only refine: they can say why a grant is dead, or that it is not, never that it is.
 */
export const VerdictRule = Type.Object(
  {
    error: OneOrMore,
    suberror: Type.Optional(OneOrMore),
    number: Type.Optional(Type.Array(Type.Integer(), { minItems: 1 })),
    /** Without it a `dead` rule is for 200, 400, 401 and 403, and any other for every status. */
    status: Type.Optional(
      Type.Array(Type.Integer({ minimum: 200, maximum: 599 }), { minItems: 1 }),
    ),
    /** A regular expression, upper and lower case being the same. */
    description: Type.Optional(Name),
    /**
     * `dead`: somebody of the account must act. `operator`: our client is refused, or one customer has blocked it; the vault
     * compares with its other credentials. `transient`: time will tell.
     */
    class: Type.Enum(['dead', 'operator', 'transient']),
    /** Of `dead`: only a second refusal after a delay counts. */
    confirm: Type.Optional(Type.Boolean()),
    /** Of `operator`: ours for certain, whatever works for others. */
    certain: Type.Optional(Type.Boolean()),
    reason: Type.Optional(Type.Enum(['access_withdrawn', 'refresh_token_aged', 'admin_blocked'])),
    /** Who can end it. Without it: `tenant_admin` for `admin_blocked`, else `user`. */
    resolver: Type.Optional(Type.Enum(['user', 'tenant_admin'])),
    /** For those who read the file. */
    note: Type.Optional(Name),
  },
  { additionalProperties: false },
);
export type VerdictRule = Static<typeof VerdictRule>;
