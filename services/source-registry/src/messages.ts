import * as proto from '@credential-renewal/proto/source_registry/v1/source_registry';
import {
  keepersOf,
  mayDeleteConnection,
  mayRenewConnection,
  mayShareConnection,
} from './access/connection-access.ts';
import {
  mayDeleteSource,
  mayRenewSource,
  mayTakeOverSource,
  renewersOf,
} from './access/source-access.ts';
import { mayAdministerWorkspace } from './access/workspace-access.ts';
import { waitingDrillMessage } from './drill-message.ts';
import type { Surroundings } from './surroundings.ts';
import type { Connection, Connector, Source } from './use.ts';
import type { Account, User } from './user.ts';
import type { Workspace } from './workspace.ts';

/** A page of sources must fit into a message; nobody asks more people than this. */
const maxRenewersShown = 20;

/** Id and name alone, whatever else there is. */
export function named({ id, name }: proto.Named): proto.Named {
  return { id, name };
}

export function userMessage(user: User, account: Account | undefined): proto.User {
  return {
    id: user.id,
    account: account && { id: account.id, name: account.name },
    name: user.name,
    email: user.email,
    role: user.role === 'admin' ? proto.Role.ADMIN : proto.Role.MEMBER,
    left: user.left,
  };
}

export function workspaceMessage(
  workspace: Workspace,
  viewer: User,
  counts: { sources: number; needRenewal: number } | undefined,
): proto.Workspace {
  return {
    id: workspace.id,
    name: workspace.name,
    administered: mayAdministerWorkspace(viewer, workspace),
    sourceCount: counts?.sources ?? 0,
    needsRenewalCount: counts?.needRenewal ?? 0,
  };
}

/** A source as `viewer` sees it. */
export function sourceMessage(
  source: Source,
  viewer: User,
  surroundings: Surroundings,
): proto.Source {
  const around = surroundings.of(source);
  const creator = around.userById(source.creatorId);
  const canRenew = mayRenewSource(viewer, source);
  return {
    id: source.id,
    accountId: source.accountId,
    name: source.name,
    connector: connectorMessage(source.connector),
    workspace: around.workspace && named(around.workspace),
    creator: nameOf(source.creatorId, creator),
    creatorLeft: creator?.left ?? true,
    authorizedConnection: around.connection && named(around.connection),
    createdAt: new Date(source.createdAtMs),
    lastSyncedAt: source.lastSyncedAtMs === undefined ? undefined : new Date(source.lastSyncedAtMs),
    credential: source.credential,
    canRenew,
    renewableBy: canRenew ? [] : renewersOf(source, around).slice(0, maxRenewersShown).map(named),
    canDelete: mayDeleteSource(viewer, source, around.workspace),
    canTakeOver: mayTakeOverSource(viewer, source, creator, around.workspace),
    drill: waitingDrillMessage(source, viewer),
  };
}

/** An authorized connection as `viewer` sees it. */
export function connectionMessage(
  connection: Connection,
  viewer: User,
  { userById, accountAdmins }: Surroundings,
  sourceCount: number,
): proto.AuthorizedConnection {
  const owner = userById(connection.ownerId);
  const keepers = keepersOf(connection, userById, accountAdmins);
  return {
    id: connection.id,
    accountId: connection.accountId,
    name: connection.name,
    connector: connectorMessage(connection.connector),
    owner: nameOf(connection.ownerId, owner),
    sharedWith: connection.sharedWith.map((id) => nameOf(id, userById(id))),
    sourceCount,
    createdAt: new Date(connection.createdAtMs),
    credential: connection.credential,
    canRenew: mayRenewConnection(viewer, keepers),
    canDelete: sourceCount === 0 && mayDeleteConnection(viewer, connection),
    canShare: mayShareConnection(viewer, connection, owner, keepers),
    drill: waitingDrillMessage(connection, viewer),
  };
}

function nameOf(id: string, user: User | undefined): proto.Named {
  return { id, name: user?.name ?? '' };
}

function connectorMessage(connector: Connector): proto.ConnectorRef {
  const { PERSONAL, ENTERPRISE } = proto.ConnectorKind;
  return { ...connector, kind: connector.kind === 'personal' ? PERSONAL : ENTERPRISE };
}

/** A checked connector of a request. */
export function readConnector(message: proto.ConnectorRef): Connector {
  const kind = message.kind === proto.ConnectorKind.ENTERPRISE ? 'enterprise' : 'personal';
  return { id: message.id, name: message.name, kind, providerName: message.providerName };
}
