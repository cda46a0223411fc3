import type { StartDrillRequest } from '@credential-renewal/proto/source_registry/v1/drills';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { callerOf } from '../../session/caller.ts';
import type { App } from '../app-type.ts';
import { toDrill } from '../mapping/drill.ts';
import { required } from '../mapping/time.ts';
import { toPage } from '../paging.ts';
import { PathId } from '../path-ids.ts';
import { errorResponses, NoContent } from '../responses.ts';
import type { RouteDeps } from '../route-deps.ts';
import { Drill, PageOf } from '../schemas/index.ts';

const tags = ['drills'];

type Use = NonNullable<StartDrillRequest['use']>;

/** Where a drill can be named. */
const places: { path: string; what: string; id: Record<string, typeof PathId> }[] = [
  { path: '/sources/:sourceId', what: 'a source', id: { sourceId: PathId } },
  {
    path: '/authorized-connections/:connectionId',
    what: 'an authorized connection',
    id: { connectionId: PathId },
  },
];

/** Rehearsed expiries: an administrator starts one and reads who reacted when; those who are told react. No way leads to a provider. */
export function drillRoutes(app: App, deps: RouteDeps): void {
  for (const place of places) {
    administratorRoutes(app, deps, place);
    reactionRoute(app, deps, place);
  }
}

function administratorRoutes(
  app: App,
  { drills }: RouteDeps,
  { path, what, id }: (typeof places)[number],
): void {
  app.post(
    `${path}/drills`,
    {
      schema: {
        tags,
        summary: `Rehearse the expiry of ${what} (administrators)`,
        params: Type.Object(id),
        response: { 201: Drill, ...errorResponses },
      },
    },
    async (request, reply) => {
      const { drill } = await drills.startDrill({
        callerUserId: callerOf(request).user.id,
        use: useOf(request),
      });
      return reply.code(201).send(toDrill(required(drill, 'drill')));
    },
  );

  app.get(
    `${path}/drills`,
    {
      schema: {
        tags,
        summary: `The newest drills of ${what}, newest first (administrators)`,
        params: Type.Object(id),
        response: { 200: PageOf(Drill), ...errorResponses },
      },
    },
    async (request) => {
      const answer = await drills.listDrills({
        callerUserId: callerOf(request).user.id,
        use: useOf(request),
      });
      return toPage(answer.drills.map(toDrill), '');
    },
  );

  app.delete(
    `${path}/drills/:drillId`,
    {
      schema: {
        tags,
        summary: `End a drill of ${what}; its report stays (administrators)`,
        params: Type.Object({ ...id, drillId: PathId }),
        response: { 204: NoContent, ...errorResponses },
      },
    },
    async (request, reply) => {
      await drills.endDrill({
        callerUserId: callerOf(request).user.id,
        use: useOf(request),
        drillId: drillIdOf(request),
      });
      return reply.code(204).send(null);
    },
  );
}

function reactionRoute(
  app: App,
  { drills }: RouteDeps,
  { path, what, id }: (typeof places)[number],
): void {
  app.post(
    `${path}/drills/:drillId/reactions`,
    {
      schema: {
        tags,
        summary: `React to a drill of ${what}; the first time counts (those who were told)`,
        params: Type.Object({ ...id, drillId: PathId }),
        response: { 204: NoContent, ...errorResponses },
      },
    },
    async (request, reply) => {
      await drills.recordReaction({
        callerUserId: callerOf(request).user.id,
        use: useOf(request),
        drillId: drillIdOf(request),
      });
      return reply.code(204).send(null);
    },
  );
}

type Params = { sourceId?: string; connectionId?: string; drillId?: string };

function useOf(request: FastifyRequest): Use {
  const { sourceId, connectionId = '' } = request.params as Params;
  return sourceId === undefined
    ? { $case: 'authorizedConnectionId', value: connectionId }
    : { $case: 'sourceId', value: sourceId };
}

function drillIdOf(request: FastifyRequest): string {
  return (request.params as Params).drillId ?? '';
}
