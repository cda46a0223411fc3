import { Type } from 'typebox';
import { callerOf } from '../../session/caller.ts';
import type { App } from '../app-type.ts';
import { toAuditEntry } from '../mapping/source.ts';
import { toPage, toPaging } from '../paging.ts';
import { PathId } from '../path-ids.ts';
import { errorResponses, NoContent } from '../responses.ts';
import type { RouteDeps } from '../route-deps.ts';
import {
  AuditEntry,
  AuthorizedConnection,
  PageOf,
  PageQuery,
  Sharing,
  SourceQuery,
} from '../schemas/index.ts';
import { showConnection, showConnections } from '../show-uses.ts';
import { disconnectUse } from './disconnect-use.ts';

const tags = ['authorized connections'];
const ConnectionParams = Type.Object({ connectionId: PathId });

export function authorizedConnectionRoutes(app: App, deps: RouteDeps): void {
  readRoutes(app, deps);
  const { registry } = deps;

  app.put(
    '/authorized-connections/:connectionId/sharing',
    {
      schema: {
        tags,
        summary: 'Share with exactly these administrators',
        params: ConnectionParams,
        body: Sharing,
        response: { 200: AuthorizedConnection, ...errorResponses },
      },
    },
    async (request) => {
      const caller = callerOf(request);
      const { authorizedConnection } = await registry.shareAuthorizedConnection({
        callerUserId: caller.user.id,
        authorizedConnectionId: request.params.connectionId,
        userIds: request.body.userIds,
      });
      return showConnection(deps, caller, authorizedConnection);
    },
  );

  app.delete(
    '/authorized-connections/:connectionId',
    {
      schema: {
        tags,
        summary: 'Disconnect; refused while sources are backed by it',
        params: ConnectionParams,
        response: { 204: NoContent, ...errorResponses },
      },
    },
    async (request, reply) => {
      const userId = callerOf(request).user.id;
      const { connectionId } = request.params;
      await registry.deleteAuthorizedConnection({
        callerUserId: userId,
        authorizedConnectionId: connectionId,
      });
      await disconnectUse(deps, { $case: 'authorizedConnectionId', value: connectionId }, userId);
      return reply.code(204).send(null);
    },
  );
}

function readRoutes(app: App, deps: RouteDeps): void {
  const { registry } = deps;

  app.get(
    '/authorized-connections',
    {
      schema: {
        tags,
        summary: 'The admin credentials that the signed-in administrator sees',
        querystring: SourceQuery,
        response: { 200: PageOf(AuthorizedConnection), ...errorResponses },
      },
    },
    async (request) => {
      const caller = callerOf(request);
      const page = await registry.listAuthorizedConnections({
        callerUserId: caller.user.id,
        status: request.query.status ?? '',
        ...toPaging(request.query),
      });
      const shown = await showConnections(deps, caller, page.authorizedConnections);
      return toPage(shown, page.nextPageToken);
    },
  );

  app.get(
    '/authorized-connections/:connectionId',
    {
      schema: {
        tags,
        summary: 'One authorized connection',
        params: ConnectionParams,
        response: { 200: AuthorizedConnection, ...errorResponses },
      },
    },
    async (request) => {
      const caller = callerOf(request);
      const { authorizedConnection } = await registry.getAuthorizedConnection({
        callerUserId: caller.user.id,
        authorizedConnectionId: request.params.connectionId,
      });
      return showConnection(deps, caller, authorizedConnection);
    },
  );

  app.get(
    '/authorized-connections/:connectionId/history',
    {
      schema: {
        tags,
        summary: 'What happened to an authorized connection, newest first',
        params: ConnectionParams,
        querystring: PageQuery,
        response: { 200: PageOf(AuditEntry), ...errorResponses },
      },
    },
    async (request) => {
      const page = await registry.listAuditEntries({
        callerUserId: callerOf(request).user.id,
        subject: { $case: 'authorizedConnectionId', value: request.params.connectionId },
        ...toPaging(request.query),
      });
      return toPage(page.entries.map(toAuditEntry), page.nextPageToken);
    },
  );
}
