import type { StartRenewalRequest } from '@credential-renewal/proto/oauth_broker/v1/oauth_broker';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { callerOf } from '../../session/caller.ts';
import type { App } from '../app-type.ts';
import { toAuthorization } from '../mapping/authorization.ts';
import { required } from '../mapping/time.ts';
import { PathId } from '../path-ids.ts';
import { errorResponses } from '../responses.ts';
import type { RouteDeps } from '../route-deps.ts';
import { Authorization, NewRenewal } from '../schemas/index.ts';

const tags = ['renewals'];
const response = { 201: Authorization, ...errorResponses };

/** The three entry points of a renewal; what they share is in `start`. */
export function renewalRoutes(app: App, deps: RouteDeps): void {
  const preValidation = emptyBodyAsObject;

  app.post(
    '/my-sources/:sourceId/renewals',
    {
      preValidation,
      schema: {
        tags,
        summary: 'Renew from My sources',
        params: Type.Object({ sourceId: PathId }),
        body: NewRenewal,
        response,
      },
    },
    (request, reply) => {
      const entryPoint = { $case: 'mySources' as const, value: request.params };
      return start(deps, request, reply, entryPoint, '/my-sources');
    },
  );

  app.post(
    '/workspaces/:workspaceId/sources/:sourceId/renewals',
    {
      preValidation,
      schema: {
        tags,
        summary: 'Renew from a workspace',
        params: Type.Object({ workspaceId: PathId, sourceId: PathId }),
        body: NewRenewal,
        response,
      },
    },
    (request, reply) => {
      const entryPoint = { $case: 'workspace' as const, value: request.params };
      return start(deps, request, reply, entryPoint, `/workspaces/${request.params.workspaceId}`);
    },
  );

  app.post(
    '/authorized-connections/:connectionId/renewals',
    {
      preValidation,
      schema: {
        tags,
        summary: 'Renew from Authorized connections',
        params: Type.Object({ connectionId: PathId }),
        body: NewRenewal,
        response,
      },
    },
    (request, reply) => {
      const entryPoint = {
        $case: 'authorizedConnections' as const,
        value: { authorizedConnectionId: request.params.connectionId },
      };
      return start(deps, request, reply, entryPoint, '/authorized-connections');
    },
  );
}

async function start(
  deps: RouteDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  entryPoint: StartRenewalRequest['entryPoint'],
  defaultReturnTo: string,
) {
  const body = request.body as NewRenewal;
  const { authorization } = await deps.broker.startRenewal({
    userId: callerOf(request).user.id,
    entryPoint,
    returnTo: deps.returnTargets.check(body.returnTo ?? defaultReturnTo),
    switchIdentity: body.switchAccount ?? false,
  });
  return reply
    .code(201)
    .send(toAuthorization(required(authorization, 'authorization'), deps.publicUrl));
}

/** Everything in the body is optional, so the whole body is. */
async function emptyBodyAsObject(request: FastifyRequest): Promise<void> {
  if (request.body === undefined || request.body === null) request.body = {};
}
