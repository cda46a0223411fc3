import { type Static, Type } from 'typebox';
import { CredentialStatus } from './credential.ts';
import { Id, Nullable } from './page.ts';

/**
 * The data of a server-sent event `source.credential-state`. Both ids: a source backed by a connection; a null
 * `sourceId`: the connection itself. `version` counts up per source or connection. An event `reset` (data `{}`) means that the
 * client has missed some and has to read its lists again.
 */
export const LiveEvent = Type.Object({
  sourceId: Nullable(Id),
  authorizedConnectionId: Nullable(Id),
  workspaceId: Nullable(Id),
  status: CredentialStatus,
  version: Type.Integer(),
});
export type LiveEvent = Static<typeof LiveEvent>;
