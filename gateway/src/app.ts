import { readFile } from 'node:fs/promises';
import type { EventLog } from '@credential-renewal/events';
import { NotificationDeliveryServiceService } from '@credential-renewal/proto/notification/v1/deliveries';
import { NotificationPreferencesServiceService } from '@credential-renewal/proto/notification/v1/preferences';
import { OauthBrokerServiceService } from '@credential-renewal/proto/oauth_broker/v1/oauth_broker';
import { DrillServiceService } from '@credential-renewal/proto/source_registry/v1/drills';
import { SourceRegistryServiceService } from '@credential-renewal/proto/source_registry/v1/source_registry';
import { openRpcEndpoint, type RpcEndpoint } from '@credential-renewal/rpc';
import type { Clock, Logger, ReadinessCheck } from '@credential-renewal/runtime';
import type { Registry } from 'prom-client';
import type { GatewayConfig } from './config.ts';
import { ClientSecretUnreadableError } from './errors.ts';
import { useApi } from './http/api.ts';
import type { App } from './http/app-type.ts';
import { createCatalogue } from './http/catalogue.ts';
import { createHttpServer } from './http/http-server.ts';
import { useOpenApi } from './http/open-api.ts';
import { useRequestMetrics } from './http/request-metrics.ts';
import { type LiveFeed, startLiveFeed } from './live/live-feed.ts';
import { registerLiveMetrics } from './live/live-metrics.ts';
import { sendgridWebhookRoute } from './mail/sendgrid-webhook-route.ts';
import { unsubscribeRoutes } from './mail/unsubscribe-routes.ts';
import { createBrowserBinding } from './oauth-hop/browser-binding.ts';
import { oauthHopRoutes } from './oauth-hop/oauth-hop-routes.ts';
import { createAuthenticator } from './session/authenticate.ts';
import { createBearerVerifier } from './session/bearer.ts';
import { createSealer } from './session/sealer.ts';
import { createSessionCookie } from './session/session-cookie.ts';
import { loadSessionKey } from './session/session-key.ts';
import { createUserDirectory } from './session/user-directory.ts';
import { createIdentityProvider } from './sign-in/identity-provider.ts';
import { createProviderFetch } from './sign-in/provider-fetch.ts';
import { createReturnTargets } from './sign-in/return-target.ts';
import { createSignInCookie } from './sign-in/sign-in-cookie.ts';
import { signInRoutes } from './sign-in/sign-in-routes.ts';
import { createStaticPages } from './static-pages.ts';

export type GatewayDeps = {
  clock: Clock;
  logger: Logger;
  metrics: Registry;
  eventLog: EventLog;
  /** Between comments on an idle event stream. */
  heartbeatMs?: number;
  /** How long a stop waits for answers that are under way. */
  closeWithinMs?: number;
};

export type Gateway = {
  /** Where it listens: `http://127.0.0.1:3000`. */
  address: string;
  readiness: Record<string, ReadinessCheck>;
  stop(): Promise<void>;
};

const registryDeadlineMs = 5_000;
/** Starting or cancelling an authorization makes the broker ask the registry and, at first, the provider's discovery document. */
const brokerDeadlineMs = 15_000;
const notificationDeadlineMs = 5_000;
const identityProviderTimeoutMs = 5_000;
const defaultHeartbeatMs = 15_000;
const defaultCloseWithinMs = 2_000;

/**
 * Starts the gateway: REST, sign-in, the OAuth hop, live updates and the pages. Rejects with SessionKeyUnfitError,
 * ClientSecretUnreadableError, or the socket's error (`EADDRINUSE`) when the port is taken.
 */
export async function startGateway(config: GatewayConfig, deps: GatewayDeps): Promise<Gateway> {
  const { logger, eventLog } = deps;
  const sessionKey = await loadSessionKey(config.sessionKeyFile);
  const clientSecret = await readClientSecret(config.identityProvider.clientSecretFile);
  const rpc = openRpcEndpoint('gateway', config.rpc, deps);
  const services = connectServices(config, rpc);
  const feed = await startLiveFeed({ eventLog, logger });
  const pages = createStaticPages({ directory: config.uiDirectory, logger });
  const app = await createHttpServer({
    publicUrl: config.publicUrl,
    logger,
    pageForUnknown: pages.pageForUnknown,
  });

  async function stop(): Promise<void> {
    await feed.stop();
    // A connection without a request yet (browsers open them ahead of need) and a client that does not read its answer
    // count as active in Node, and would hold the stop for as long as they like.
    const timer = setTimeout(
      () => app.server.closeAllConnections(),
      deps.closeWithinMs ?? defaultCloseWithinMs,
    );
    await app.close();
    clearTimeout(timer);
    for (const client of Object.values(services)) client.close();
    rpc.close();
  }

  try {
    useRequestMetrics(app, deps.metrics);
    await useOpenApi(app, config.publicUrl);
    const access = createAccess(config, { ...deps, ...services, sessionKey, clientSecret });
    await useRoutes(app, config, { ...deps, ...services, ...access, feed });
    await pages.register(app);
    const address = await app.listen({ host: config.host, port: config.port });
    return { address, readiness: rpc.readiness, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

type Services = ReturnType<typeof connectServices>;
type Access = ReturnType<typeof createAccess>;

function connectServices(config: GatewayConfig, rpc: RpcEndpoint) {
  const { registryAddress, brokerAddress, notificationAddress } = config;
  return {
    registry: rpc.connect(SourceRegistryServiceService, registryAddress, {
      deadlineMs: registryDeadlineMs,
    }),
    drills: rpc.connect(DrillServiceService, registryAddress, {
      deadlineMs: registryDeadlineMs,
    }),
    broker: rpc.connect(OauthBrokerServiceService, brokerAddress, {
      deadlineMs: brokerDeadlineMs,
    }),
    preferences: rpc.connect(NotificationPreferencesServiceService, notificationAddress, {
      deadlineMs: notificationDeadlineMs,
    }),
    deliveries: rpc.connect(NotificationDeliveryServiceService, notificationAddress, {
      deadlineMs: notificationDeadlineMs,
    }),
  };
}

/** Who is calling, and how they sign in. */
function createAccess(
  config: GatewayConfig,
  deps: GatewayDeps & Services & { sessionKey: Uint8Array; clientSecret: string | undefined },
) {
  const { publicUrl, identityProvider: claims } = config;
  const { clock, registry, clientSecret } = deps;
  const sealer = createSealer({ key: deps.sessionKey, clock });
  const fetch = createProviderFetch({
    ...{ issuer: claims.issuer, allowPrivateHosts: claims.allowPrivateHosts },
    ...{ egress: config.egress, timeoutMs: identityProviderTimeoutMs },
  });
  const identityProvider = createIdentityProvider({ ...claims, publicUrl, clientSecret, fetch });
  const sessionCookie = createSessionCookie({ sealer, publicUrl });
  const users = createUserDirectory({ registry, clock });
  const audience = config.apiAudience;
  const bearer = createBearerVerifier({
    ...{ identityProvider, claims, audience, fetch, registry, clock },
  });
  return {
    identityProvider,
    sessionCookie,
    users,
    signInCookie: createSignInCookie({ sealer, publicUrl }),
    authenticator: createAuthenticator({ sessionCookie, users, bearer, publicUrl }),
    returnTargets: createReturnTargets({ publicUrl, allowedOrigins: config.returnTargetOrigins }),
  };
}

async function useRoutes(
  app: App,
  config: GatewayConfig,
  deps: GatewayDeps & Services & Access & { feed: LiveFeed },
): Promise<void> {
  const { publicUrl, identityProvider: claims, allowedOrigins } = config;
  const { broker, clock, metrics } = deps;
  const heartbeatMs = deps.heartbeatMs ?? defaultHeartbeatMs;
  const openStreams = registerLiveMetrics(metrics);
  const catalogue = createCatalogue({ broker, clock });
  const live = { ...deps, heartbeatMs, openStreams };
  const binding = createBrowserBinding({ publicUrl });

  await useApi(app, { ...deps, publicUrl, allowedOrigins, catalogue, live });
  await app.register(async (scope) => signInRoutes(scope, { ...deps, publicUrl, claims }));
  await app.register(async (scope) => unsubscribeRoutes(scope, deps));
  await app.register(async (scope) => sendgridWebhookRoute(scope, deps));
  await app.register(async (scope) => oauthHopRoutes(scope, { ...deps, publicUrl, binding }));
}

/** What a taken port means, in a sentence; anything else explains itself. */
export function explainStartError(error: unknown): string | undefined {
  const { code, port } = (error ?? {}) as { code?: unknown; port?: unknown };
  return code === 'EADDRINUSE'
    ? `Port ${port} is taken by another program. Choose another with PORT.`
    : undefined;
}

async function readClientSecret(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  const secret = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new ClientSecretUnreadableError(path, error);
  });
  if (secret.trim() === '') throw new ClientSecretUnreadableError(path, undefined);
  return secret.trim();
}
