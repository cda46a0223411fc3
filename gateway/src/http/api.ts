import cors from '@fastify/cors';
import { type LiveDeps, liveRoutes } from '../live/live-routes.ts';
import type { Authenticator } from '../session/authenticate.ts';
import type { App } from './app-type.ts';
import type { RouteDeps } from './route-deps.ts';
import { addAuthorizedConnectionRoute } from './routes/add-authorized-connection.ts';
import { addSourceRoutes } from './routes/add-source.ts';
import { authorizationRoutes } from './routes/authorizations.ts';
import { authorizedConnectionRoutes } from './routes/authorized-connections.ts';
import { connectorRoutes } from './routes/connectors.ts';
import { deliveryRoutes } from './routes/deliveries.ts';
import { drillRoutes } from './routes/drills.ts';
import { meRoutes } from './routes/me.ts';
import { notificationPreferencesRoutes } from './routes/notification-preferences.ts';
import { renewalRoutes } from './routes/renewals.ts';
import { sourceRoutes } from './routes/sources.ts';
import { userRoutes } from './routes/users.ts';
import { workspaceRoutes } from './routes/workspaces.ts';

export type ApiDeps = RouteDeps & {
  authenticator: Authenticator;
  allowedOrigins: readonly string[];
  live: LiveDeps;
};

/** Everything below `/api/v1`: first CORS, then who is calling, then the routes. */
export async function useApi(app: App, deps: ApiDeps): Promise<void> {
  app.decorateRequest('caller', undefined);
  await app.register(
    async (api) => {
      if (deps.allowedOrigins.length > 0) await allowOrigins(api, deps.allowedOrigins);
      await api.register(async (authenticated) => apiRoutes(authenticated, deps));
    },
    { prefix: '/api/v1' },
  );
}

function apiRoutes(app: App, deps: ApiDeps): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.header('cache-control', 'no-store');
    request.caller = await deps.authenticator.authenticate(request, reply);
  });
  meRoutes(app);
  notificationPreferencesRoutes(app, deps);
  userRoutes(app, deps);
  connectorRoutes(app, deps);
  workspaceRoutes(app, deps);
  sourceRoutes(app, deps);
  addSourceRoutes(app, deps);
  authorizedConnectionRoutes(app, deps);
  addAuthorizedConnectionRoute(app, deps);
  renewalRoutes(app, deps);
  authorizationRoutes(app, deps);
  deliveryRoutes(app, deps);
  drillRoutes(app, deps);
  liveRoutes(app, deps.live);
}

/** Other user interfaces call with a bearer token, never with the cookie: no credentials mode. */
async function allowOrigins(app: App, origins: readonly string[]): Promise<void> {
  await app.register(cors, {
    origin: [...origins],
    credentials: false,
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowedHeaders: ['Authorization', 'Content-Type', 'Last-Event-ID', 'traceparent'],
    exposedHeaders: ['Location', 'Retry-After', 'WWW-Authenticate'],
    maxAge: 600,
  });
}
