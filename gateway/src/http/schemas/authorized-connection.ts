import { type Static, Type } from 'typebox';
import { Authorization } from './authorization.ts';
import { ConnectorSummary, GivenParameters } from './connector.ts';
import { Credential } from './credential.ts';
import { WaitingDrill } from './drill.ts';
import { Id, Named, Nullable, Time } from './page.ts';
import { Name, ReturnTo } from './source.ts';

/** A named admin credential for an enterprise connector. */
export const AuthorizedConnection = Type.Object({
  id: Id,
  name: Type.String(),
  connector: ConnectorSummary,
  owner: Named,
  sharedWith: Type.Array(Named),
  sourceCount: Type.Integer(),
  createdAt: Time,
  credential: Credential,
  canRenew: Type.Boolean(),
  canDelete: Type.Boolean(),
  canShare: Type.Boolean(),
  /** A drill that waits for the signed-in user: nothing has expired. */
  drill: Nullable(WaitingDrill),
});
export type AuthorizedConnection = Static<typeof AuthorizedConnection>;

export const NewAuthorizedConnection = Type.Object(
  {
    connectorId: Id,
    name: Name,
    parameters: Type.Optional(GivenParameters),
    returnTo: Type.Optional(ReturnTo),
  },
  { additionalProperties: false },
);
export type NewAuthorizedConnection = Static<typeof NewAuthorizedConnection>;

export const CreatedAuthorizedConnection = Type.Object({
  authorizedConnection: AuthorizedConnection,
  authorization: Authorization,
});
export type CreatedAuthorizedConnection = Static<typeof CreatedAuthorizedConnection>;

export const Sharing = Type.Object(
  { userIds: Type.Array(Id, { maxItems: 200, uniqueItems: true }) },
  { additionalProperties: false },
);
export type Sharing = Static<typeof Sharing>;
