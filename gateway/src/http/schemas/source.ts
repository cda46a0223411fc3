import { type Static, Type } from 'typebox';
import { Authorization } from './authorization.ts';
import { ConnectorSummary, GivenParameters } from './connector.ts';
import { Credential, CredentialStatus } from './credential.ts';
import { WaitingDrill } from './drill.ts';
import { Id, Named, Nullable, PageQuery, Time } from './page.ts';

export const Source = Type.Object({
  id: Id,
  name: Type.String(),
  connector: ConnectorSummary,
  workspace: Nullable(Named),
  creator: Type.Object({ id: Id, name: Type.String(), left: Type.Boolean() }),
  authorizedConnection: Nullable(Named),
  createdAt: Time,
  lastSyncedAt: Nullable(Time),
  credential: Credential,
  /** Whether the signed-in user may renew it, or finish its pending authorization. */
  canRenew: Type.Boolean(),
  /** Who may, for those who may not. */
  renewableBy: Type.Array(Named),
  canDelete: Type.Boolean(),
  /** Its creator has left, and the signed-in user administers its workspace. */
  canTakeOver: Type.Boolean(),
  /** A drill that waits for the signed-in user: nothing has expired. */
  drill: Nullable(WaitingDrill),
});
export type Source = Static<typeof Source>;

export const SourceQuery = Type.Object(
  { ...PageQuery.properties, status: Type.Optional(CredentialStatus) },
  { additionalProperties: false },
);

/** A pattern: something beside white space. */
export const notBlank = '\\S';
export const Name = Type.String({ minLength: 1, maxLength: 100, pattern: notBlank });
export const ReturnTo = Type.String({ minLength: 1, maxLength: 2000 });

export const NewSource = Type.Object(
  {
    connectorId: Id,
    name: Name,
    workspaceId: Type.Optional(Id),
    authorizedConnectionId: Type.Optional(Id),
    parameters: Type.Optional(GivenParameters),
    returnTo: Type.Optional(ReturnTo),
  },
  { additionalProperties: false },
);
export type NewSource = Static<typeof NewSource>;

/** `authorization` is null when an authorized connection backs the source. */
export const CreatedSource = Type.Object({
  source: Source,
  authorization: Nullable(Authorization),
});
export type CreatedSource = Static<typeof CreatedSource>;

/** One entry of a source's or connection's history. */
export const AuditEntry = Type.Object({
  id: Id,
  time: Time,
  actorName: Type.String(),
  action: Type.String(),
  text: Type.String(),
});
export type AuditEntry = Static<typeof AuditEntry>;
