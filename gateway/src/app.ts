import { readFile } from 'node:fs/promises';
import type { EventLog } from '@credential-renewal/events';
import { OauthBrokerServiceService } from '@credential-renewal/proto/oauth_broker/v1/oauth_broker';
import { SourceRegistryServiceService } from '@credential-renewal/proto/source_registry/v1/source_registry';
import { createRpcClient } from '@credential-renewal/rpc';
import type { Clock, Logger, ReadinessCheck } from '@credential-renewal/runtime';
import type { Registry } from 'prom-client';
import type { GatewayConfig } from './config.ts';
import { ClientSecretUnreadableError } from './errors.ts';
import { useApi } from './http/api.ts';
import { createCatalogue } from './http/catalogue.ts';
import { createHttpServer } from './http/http-server.ts';
import { useOpenApi } from './http/open-api.ts';
import { useRequestMetrics } from './http/request-metrics.ts';
import { startLiveFeed } from './live/live-feed.ts';
import { registerLiveMetrics } from './live/live-metrics.ts';
import { createBrowserBinding } from './oauth-hop/browser-binding.ts';
import { oauthHopRoutes } from './oauth-hop/oauth-hop-routes.ts';
import { createAuthenticator } from './session/authenticate.ts';
import { createBearerVerifier } from './session/bearer.ts';
import { createSealer } from './session/sealer.ts';
import { createSessionCookie } from './session/session-cookie.ts';
import { loadSessionKey } from './session/session-key.ts';
import { createUserDirectory } from './session/user-directory.ts';
import { createIdentityProvider } from './sign-in/identity-provider.ts';
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
const defaultHeartbeatMs = 15_000;

/**
 * Starts the gateway: REST, sign-in, the OAuth hop, live updates and the pages. Rejects with SessionKeyUnfitError,
 * ClientSecretUnreadableError, or the socket's error (`EADDRINUSE`) when the port is taken.
 */
export async function startGateway(config: GatewayConfig, deps: GatewayDeps): Promise<Gateway> {
  const { publicUrl } = config;
  const { clock, logger, eventLog } = deps;
  const sealer = createSealer({ key: await loadSessionKey(config.sessionKeyFile), clock });
  const clientSecret = await readClientSecret(config.identityProvider.clientSecretFile);

  const registry = createRpcClient(SourceRegistryServiceService, config.registryAddress, {
    deadlineMs: registryDeadlineMs,
  });
  const broker = createRpcClient(OauthBrokerServiceService, config.brokerAddress, {
    deadlineMs: brokerDeadlineMs,
  });

  const claims = config.identityProvider;
  const identityProvider = createIdentityProvider({ ...claims, publicUrl, clientSecret });
  const sessionCookie = createSessionCookie({ sealer, publicUrl });
  const users = createUserDirectory({ registry, clock });
  const bearer = createBearerVerifier({
    identityProvider,
    claims,
    audience: config.apiAudience,
    registry,
    clock,
  });
  const authenticator = createAuthenticator({ sessionCookie, users, bearer, publicUrl });
  const returnTargets = createReturnTargets({
    publicUrl,
    allowedOrigins: config.returnTargetOrigins,
  });
  const feed = await startLiveFeed({ eventLog, logger });
  const heartbeatMs = deps.heartbeatMs ?? defaultHeartbeatMs;

  const pages = createStaticPages({ directory: config.uiDirectory, logger });
  const app = await createHttpServer({
    publicUrl,
    logger,
    pageForUnknown: pages.pageForUnknown,
  });
  useRequestMetrics(app, deps.metrics);
  await useOpenApi(app, publicUrl);
  await useApi(app, {
    registry,
    broker,
    users,
    returnTargets,
    publicUrl,
    logger,
    authenticator,
    catalogue: createCatalogue({ broker, clock }),
    allowedOrigins: config.allowedOrigins,
    live: {
      feed,
      users,
      registry,
      clock,
      heartbeatMs,
      openStreams: registerLiveMetrics(deps.metrics),
    },
  });
  await app.register(async (scope) =>
    signInRoutes(scope, {
      identityProvider,
      claims,
      publicUrl,
      registry,
      sessionCookie,
      signInCookie: createSignInCookie({ sealer, publicUrl }),
      returnTargets,
      logger,
    }),
  );
  await app.register(async (scope) =>
    oauthHopRoutes(scope, {
      broker,
      authenticator,
      binding: createBrowserBinding({ publicUrl }),
      returnTargets,
      publicUrl,
      logger,
    }),
  );
  await pages.register(app);

  async function stop(): Promise<void> {
    await feed.stop();
    await app.close();
    registry.close();
    broker.close();
  }

  try {
    const address = await app.listen({ host: config.host, port: config.port });
    return { address, readiness: { 'event log': () => eventLog.problem() }, stop };
  } catch (error) {
    await stop();
    throw error;
  }
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
