import {
  ConnectorKind,
  type CreateAuthorizedConnectionRequest,
} from '@credential-renewal/proto/source_registry/v1/source_registry';
import { checkInput } from '@credential-renewal/rpc';
import { uuidv7 } from '@credential-renewal/runtime';
import { requireCaller } from '../caller.ts';
import { checkConnector } from '../connector-input.ts';
import { AdministratorRequiredError } from '../errors.ts';
import { connectionMessage, readConnector } from '../messages.ts';
import type { RegistryDeps } from '../registry-deps.ts';
import type { RegistryHandler } from '../registry-handler.ts';
import { readSurroundings } from '../surroundings.ts';
import type { Connection } from '../use.ts';

export function createAuthorizedConnection(
  deps: RegistryDeps,
): RegistryHandler<'createAuthorizedConnection'> {
  return async (request) => {
    const connector = readConnector(checkRequest(request));
    const caller = await requireCaller(deps, request.callerUserId);
    if (caller.role !== 'admin') throw new AdministratorRequiredError('add admin credentials');

    const nowMs = deps.clock.nowMs();
    const connection = await deps.changes.create<Connection>({
      next: {
        kind: 'connection',
        id: uuidv7(nowMs),
        accountId: caller.accountId,
        name: request.name,
        connector,
        ownerId: caller.id,
        sharedWith: [],
        createdAtMs: nowMs,
        pendingSinceMs: nowMs,
      },
      audit: {
        timeMs: nowMs,
        actorName: caller.name,
        action: 'connection.created',
        text: `${caller.name} created the connection.`,
      },
    });
    const surroundings = await readSurroundings(deps, caller.accountId, [connection]);
    return { authorizedConnection: connectionMessage(connection, caller, surroundings, 0) };
  };
}

function checkRequest({ callerUserId, name, connector }: CreateAuthorizedConnectionRequest) {
  checkInput((check) => {
    check.id('caller_user_id', callerUserId);
    check.text('name', name, { maxLength: 100 });
    checkConnector(check, connector);
    check.that(
      'connector.kind',
      connector?.kind !== ConnectorKind.PERSONAL,
      'must be ENTERPRISE: personal connectors have no admin credentials',
    );
  });
  if (!connector) throw new TypeError('unreachable: the check wants a connector');
  return connector;
}
