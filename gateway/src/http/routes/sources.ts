import { Type } from 'typebox';
import { callerOf } from '../../session/caller.ts';
import type { App } from '../app-type.ts';
import { toAuditEntry } from '../mapping/source.ts';
import { toPage, toPaging } from '../paging.ts';
import { PathId } from '../path-ids.ts';
import { errorResponses, NoContent } from '../responses.ts';
import type { RouteDeps } from '../route-deps.ts';
import { AuditEntry, PageOf, PageQuery, Source, SourceQuery } from '../schemas/index.ts';
import { showSource, showSources } from '../show-uses.ts';
import { disconnectUse } from './disconnect-use.ts';

const tags = ['sources'];
const SourceParams = Type.Object({ sourceId: PathId });

export function sourceRoutes(app: App, deps: RouteDeps): void {
  listRoutes(app, deps);
  const { registry } = deps;

  app.get(
    '/sources/:sourceId',
    {
      schema: {
        tags,
        summary: 'One source',
        params: SourceParams,
        response: { 200: Source, ...errorResponses },
      },
    },
    async (request) => {
      const caller = callerOf(request);
      const { source } = await registry.getSource({
        callerUserId: caller.user.id,
        sourceId: request.params.sourceId,
      });
      return showSource(deps, caller, source);
    },
  );

  app.get(
    '/sources/:sourceId/history',
    {
      schema: {
        tags,
        summary: 'What happened to a source, newest first',
        params: SourceParams,
        querystring: PageQuery,
        response: { 200: PageOf(AuditEntry), ...errorResponses },
      },
    },
    async (request) => {
      const page = await registry.listAuditEntries({
        callerUserId: callerOf(request).user.id,
        subject: { $case: 'sourceId', value: request.params.sourceId },
        ...toPaging(request.query),
      });
      return toPage(page.entries.map(toAuditEntry), page.nextPageToken);
    },
  );

  app.delete(
    '/sources/:sourceId',
    {
      schema: {
        tags,
        summary: 'Disconnect a source; the last use of a credential revokes it at the provider',
        params: SourceParams,
        response: { 204: NoContent, ...errorResponses },
      },
    },
    async (request, reply) => {
      const userId = callerOf(request).user.id;
      const { sourceId } = request.params;
      await registry.deleteSource({ callerUserId: userId, sourceId });
      await disconnectUse(deps, { $case: 'sourceId', value: sourceId }, userId);
      return reply.code(204).send(null);
    },
  );
}

function listRoutes(app: App, deps: RouteDeps): void {
  const { registry } = deps;

  app.get(
    '/my-sources',
    {
      schema: {
        tags,
        summary: "The signed-in user's sources",
        querystring: SourceQuery,
        response: { 200: PageOf(Source), ...errorResponses },
      },
    },
    async (request) => {
      const caller = callerOf(request);
      const page = await registry.listSources({
        callerUserId: caller.user.id,
        status: request.query.status ?? '',
        ...toPaging(request.query),
      });
      return toPage(await showSources(deps, caller, page.sources), page.nextPageToken);
    },
  );

  app.get(
    '/workspaces/:workspaceId/sources',
    {
      schema: {
        tags,
        summary: 'The sources of a workspace',
        params: Type.Object({ workspaceId: PathId }),
        querystring: SourceQuery,
        response: { 200: PageOf(Source), ...errorResponses },
      },
    },
    async (request) => {
      const caller = callerOf(request);
      const page = await registry.listSources({
        callerUserId: caller.user.id,
        workspaceId: request.params.workspaceId,
        status: request.query.status ?? '',
        ...toPaging(request.query),
      });
      return toPage(await showSources(deps, caller, page.sources), page.nextPageToken);
    },
  );
}
