import { Type } from 'typebox';
import { callerOf } from '../../session/caller.ts';
import type { App } from '../app-type.ts';
import { toAuthorizationOutcome } from '../mapping/authorization.ts';
import { required } from '../mapping/time.ts';
import { PathId } from '../path-ids.ts';
import { errorResponses } from '../responses.ts';
import type { RouteDeps } from '../route-deps.ts';
import { AuthorizationOutcome } from '../schemas/index.ts';

const tags = ['renewals'];
const params = Type.Object({ id: PathId });
const response = { 200: AuthorizationOutcome, ...errorResponses };

export function authorizationRoutes(app: App, { broker }: RouteDeps): void {
  app.get(
    '/authorizations/:id',
    { schema: { tags, summary: 'How an authorization went', params, response } },
    async (request) => {
      const { authorization } = await broker.getAuthorization({
        authorizationId: request.params.id,
        userId: callerOf(request).user.id,
      });
      return toAuthorizationOutcome(required(authorization, 'authorization'));
    },
  );

  app.post(
    '/authorizations/:id/cancel',
    { schema: { tags, summary: 'Turn back before leaving for the provider', params, response } },
    async (request) => {
      const { authorization } = await broker.cancelAuthorization({
        authorizationId: request.params.id,
        userId: callerOf(request).user.id,
      });
      return toAuthorizationOutcome(required(authorization, 'authorization'));
    },
  );
}
