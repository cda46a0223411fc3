import { Connector_Kind } from '@credential-renewal/proto/oauth_broker/v1/oauth_broker';
import { InputInvalidError } from '@credential-renewal/runtime';
import { accountOf, callerOf, isAdmin } from '../../session/caller.ts';
import type { App } from '../app-type.ts';
import { readParameters } from '../given-parameters.ts';
import { toAuthorization } from '../mapping/authorization.ts';
import { toAuthorizedConnection } from '../mapping/authorized-connection.ts';
import { toConnectorRef } from '../mapping/connector.ts';
import { required } from '../mapping/time.ts';
import { errorResponses } from '../responses.ts';
import type { RouteDeps } from '../route-deps.ts';
import { CreatedAuthorizedConnection, NewAuthorizedConnection } from '../schemas/index.ts';
import { disconnectUse } from './disconnect-use.ts';

export function addAuthorizedConnectionRoute(app: App, deps: RouteDeps): void {
  app.post(
    '/authorized-connections',
    {
      schema: {
        tags: ['authorized connections'],
        summary: 'Add admin credentials and begin their first authorization',
        body: NewAuthorizedConnection,
        response: { 201: CreatedAuthorizedConnection, ...errorResponses },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const returnTo = deps.returnTargets.check(request.body.returnTo ?? '/authorized-connections');
      const connector = await deps.catalogue.get(accountOf(request), request.body.connectorId);
      if (connector.kind !== Connector_Kind.ENTERPRISE)
        throw new InputInvalidError([
          { field: 'connector_id', description: 'must be an enterprise connector' },
        ]);
      const parameters = readParameters(connector.parameters, request.body.parameters);
      const created = await deps.registry.createAuthorizedConnection({
        callerUserId: caller.user.id,
        connector: toConnectorRef(connector),
        name: request.body.name.trim(),
      });
      const connection = required(created.authorizedConnection, 'authorized_connection');
      const authorization = await beginFirst(deps, caller.user.id, connection.id, {
        returnTo,
        parameters,
      });
      return reply
        .code(201)
        .header('location', `/api/v1/authorized-connections/${connection.id}`)
        .send({
          authorizedConnection: toAuthorizedConnection(connection, {
            showEvidence: isAdmin(caller),
          }),
          authorization,
        });
    },
  );
}

/** When the broker fails, the connection made a moment ago is taken back: an error means that nothing was added. */
async function beginFirst(
  deps: RouteDeps,
  userId: string,
  connectionId: string,
  wishes: { returnTo: string; parameters: Record<string, string> },
) {
  const use = { $case: 'authorizedConnectionId' as const, value: connectionId };
  try {
    const { authorization } = await deps.broker.startAuthorization({
      ...{ userId, use, returnTo: wishes.returnTo },
      parameters: { values: wishes.parameters },
    });
    return toAuthorization(required(authorization, 'authorization'), deps.publicUrl);
  } catch (error) {
    try {
      await deps.registry.deleteAuthorizedConnection({
        callerUserId: userId,
        authorizedConnectionId: connectionId,
      });
      await disconnectUse(deps, use, userId);
    } catch (err) {
      deps.logger.warn(
        { err, connectionId },
        'an authorized connection could not be taken back; it vanishes after a day',
      );
    }
    throw error;
  }
}
