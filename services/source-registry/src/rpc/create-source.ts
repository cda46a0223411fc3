import {
  ConnectorKind,
  type CreateSourceRequest,
} from '@credential-renewal/proto/source_registry/v1/source_registry';
import { checkInput } from '@credential-renewal/rpc';
import { uuidv7 } from '@credential-renewal/runtime';
import { requireCaller, requireConnection, requireWorkspace } from '../caller.ts';
import { checkConnector } from '../connector-input.ts';
import { catchUp } from '../credential-states.ts';
import {
  ConnectionMismatchedError,
  ConnectionNotFoundError,
  ConnectionPendingError,
} from '../errors.ts';
import { readConnector, sourceMessage } from '../messages.ts';
import type { RegistryDeps } from '../registry-deps.ts';
import type { RegistryHandler } from '../registry-handler.ts';
import { readSurroundings } from '../surroundings.ts';
import type { Connection, Connector, Source } from '../use.ts';
import type { User } from '../user.ts';

export function createSource(deps: RegistryDeps): RegistryHandler<'createSource'> {
  return async (request) => {
    const connector = readConnector(checkRequest(request));
    const caller = await requireCaller(deps, request.callerUserId);
    if (request.workspaceId) await requireWorkspace(deps, caller, request.workspaceId);
    const connection = request.authorizedConnectionId
      ? await requireUsableConnection(deps, caller, request.authorizedConnectionId, connector)
      : undefined;

    const nowMs = deps.clock.nowMs();
    const created = await deps.changes.create<Source>({
      next: {
        kind: 'source',
        id: uuidv7(nowMs),
        accountId: caller.accountId,
        name: request.name,
        connector,
        creatorId: caller.id,
        workspaceId: request.workspaceId,
        authorizedConnectionId: connection?.id,
        createdAtMs: nowMs,
        ...(connection ? { credential: connection.credential } : { pendingSinceMs: nowMs }),
      },
      audit: {
        timeMs: nowMs,
        actorName: caller.name,
        action: 'source.created',
        text: connection
          ? `${caller.name} created the source with the connection "${connection.name}".`
          : `${caller.name} created the source.`,
      },
    });
    const source = connection ? await hold(deps, connection, created) : created;
    const surroundings = await readSurroundings(deps, caller.accountId, [source]);
    return { source: sourceMessage(source, caller, surroundings) };
  };
}

function checkRequest(request: CreateSourceRequest) {
  const { connector } = request;
  checkInput((check) => {
    check.id('caller_user_id', request.callerUserId);
    check.text('name', request.name, { maxLength: 100 });
    check.optionalId('workspace_id', request.workspaceId);
    check.optionalId('authorized_connection_id', request.authorizedConnectionId);
    checkConnector(check, connector);
    const backed = request.authorizedConnectionId !== undefined;
    const mustBeBacked = connector?.kind === ConnectorKind.ENTERPRISE;
    check.that(
      'authorized_connection_id',
      backed === mustBeBacked,
      mustBeBacked
        ? 'must be set: an enterprise connector works through an authorized connection'
        : 'must not be set: a personal connector is authorized by its creator',
    );
  });
  if (!connector) throw new TypeError('unreachable: the check wants a connector');
  return connector;
}

async function requireUsableConnection(
  deps: RegistryDeps,
  caller: User,
  connectionId: string,
  connector: Connector,
): Promise<Connection> {
  const connection = await requireConnection(deps, caller, connectionId);
  if (connection.connector.id !== connector.id) {
    throw new ConnectionMismatchedError(connection.name, connector.name);
  }
  if (!connection.credential) throw new ConnectionPendingError(connection.name);
  return connection;
}

/**
 * A deletion of the connection that counted its sources before this one was there loses the race for the connection's
 * revision here, and counts again; one that won is seen here, and the source goes.
 */
async function hold(deps: RegistryDeps, connection: Connection, created: Source): Promise<Source> {
  if (!(await deps.uses.touch(connection.id))) {
    await deps.changes.change(created.id, () => ({ next: 'removed', announce: true }));
    throw new ConnectionNotFoundError(connection.id);
  }
  // The state may have moved between reading the connection and storing the source.
  if (connection.credential) await catchUp(deps, connection.credential.credentialId);
  const source = await deps.uses.find(created.id);
  return source?.kind === 'source' ? source : created;
}
