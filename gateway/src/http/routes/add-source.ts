import { Type } from 'typebox';
import { ResourceNotFoundError } from '../../errors.ts';
import { accountOf, callerOf } from '../../session/caller.ts';
import type { App } from '../app-type.ts';
import { readParameters } from '../given-parameters.ts';
import { toAuthorization } from '../mapping/authorization.ts';
import { toConnectorRef } from '../mapping/connector.ts';
import { required } from '../mapping/time.ts';
import { PathId } from '../path-ids.ts';
import { errorResponses } from '../responses.ts';
import type { RouteDeps } from '../route-deps.ts';
import { CreatedSource, NewSource, Source } from '../schemas/index.ts';
import { showSource } from '../show-uses.ts';
import { disconnectUse } from './disconnect-use.ts';

const tags = ['sources'];

export function addSourceRoutes(app: App, deps: RouteDeps): void {
  app.post(
    '/sources',
    {
      schema: {
        tags,
        summary: 'Add a source; unless a connection backs it, begin its first authorization',
        body: NewSource,
        response: { 201: CreatedSource, ...errorResponses },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const returnTo = deps.returnTargets.check(
        request.body.returnTo ?? defaultReturnTo(request.body.workspaceId),
      );
      const connector = await deps.catalogue.get(accountOf(request), request.body.connectorId);
      const isBacked = request.body.authorizedConnectionId !== undefined;
      const asked = isBacked ? [] : connector.parameters;
      const parameters = readParameters(asked, request.body.parameters);
      const created = await deps.registry.createSource({
        callerUserId: caller.user.id,
        connector: toConnectorRef(connector),
        name: request.body.name.trim(),
        workspaceId: request.body.workspaceId,
        authorizedConnectionId: request.body.authorizedConnectionId,
      });
      const source = required(created.source, 'source');
      const authorization = source.authorizedConnection
        ? null
        : await beginFirst(deps, caller.user.id, source.id, { returnTo, parameters });
      return reply
        .code(201)
        .header('location', `/api/v1/sources/${source.id}`)
        .send({ source: await showSource(deps, caller, source), authorization });
    },
  );

  app.post(
    '/workspaces/:workspaceId/sources/:sourceId/take-over',
    {
      schema: {
        tags,
        summary: 'Take over the source of a creator who has left (administrators of its workspace)',
        params: Type.Object({ workspaceId: PathId, sourceId: PathId }),
        response: { 200: Source, ...errorResponses },
      },
    },
    async (request) => {
      const caller = callerOf(request);
      const asked = { callerUserId: caller.user.id, sourceId: request.params.sourceId };
      const { source } = await deps.registry.getSource(asked);
      if (source?.workspace?.id !== request.params.workspaceId) throw new ResourceNotFoundError();
      const taken = await deps.registry.takeOverSource(asked);
      return showSource(deps, caller, taken.source);
    },
  );
}

function defaultReturnTo(workspaceId: string | undefined): string {
  return workspaceId === undefined ? '/my-sources' : `/workspaces/${workspaceId}`;
}

/** When the broker fails, the source made a moment ago is taken back: an error means that nothing was added. */
async function beginFirst(
  deps: RouteDeps,
  userId: string,
  sourceId: string,
  wishes: { returnTo: string; parameters: Record<string, string> },
) {
  try {
    const { authorization } = await deps.broker.startAuthorization({
      userId,
      use: { $case: 'sourceId', value: sourceId },
      returnTo: wishes.returnTo,
      parameters: { values: wishes.parameters },
    });
    return toAuthorization(required(authorization, 'authorization'), deps.publicUrl);
  } catch (error) {
    await takeBack(deps, userId, sourceId);
    throw error;
  }
}

async function takeBack(deps: RouteDeps, userId: string, sourceId: string): Promise<void> {
  try {
    await deps.registry.deleteSource({ callerUserId: userId, sourceId });
    await disconnectUse(deps, { $case: 'sourceId', value: sourceId }, userId);
  } catch (err) {
    deps.logger.warn(
      { err, sourceId },
      'a source could not be taken back; it vanishes after a day',
    );
  }
}
