import { createServer, type Server } from 'node:http';
import { join, resolve } from 'node:path';
import type { Clock, Logger } from '@credential-renewal/runtime';
import { writeCatalogue } from './catalogue.ts';
import { registerControlRoutes } from './control/control-routes.ts';
import { registerPages } from './control/page-routes.ts';
import { createWorldControls } from './control/world-controls.ts';
import type { DemoContext } from './demo-context.ts';
import { openDemoDatabase } from './demo-database.ts';
import { openDemoSecrets } from './demo-secrets.ts';
import { closeServer, createDemoServer, listen } from './demo-server.ts';
import { createGrantBook } from './grant-book.ts';
import { apiAudience, createIdentityProvider } from './identity-provider.ts';
import type { DemoMailbox } from './mailbox.ts';
import { createChatter } from './providers/chatter.ts';
import type { DemoProvider } from './providers/demo-provider.ts';
import { createHelpline } from './providers/helpline.ts';
import { createOrchard } from './providers/orchard.ts';
import { createRevolve } from './providers/revolve.ts';

export type DemoWorldOptions = {
  /** Also the host name in every URL, so a browser must be able to reach it: `localhost` or `127.0.0.1`. */
  host: string;
  /** 0: any free one. */
  port: number;
  gatewayUrl: string;
  dataDir: string;
  logger: Logger;
  clock: Clock;
  advanceClock: (ms: number) => void | Promise<void>;
  mailbox: DemoMailbox;
  setWorkerPaused: (paused: boolean) => void;
  options?: {
    /** Default 60. */
    revolveGraceSeconds?: number;
    /** Of Orchard and Revolve; default 3600. */
    accessTokenSeconds?: number;
    /** Default 20 000. */
    slowAnswerMs?: number;
  };
};

export type DemoWorld = {
  /** Known from the start when a port was given, otherwise after `start`. */
  readonly origin: string;
  readonly identityIssuer: string;
  readonly gatewayClient: { clientId: string; clientSecretFile: string };
  readonly apiAudience: string;
  /** Throws what `listen` throws (`EADDRINUSE`). */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Only after `start`. Writes one YAML file per provider for the broker. */
  writeCatalogue(directory: string): Promise<void>;
};

const clientId = 'credential-renewal';

/** The identity provider, four OAuth providers, their controls and the mailbox, on one origin. */
export function createDemoWorld(world: DemoWorldOptions): DemoWorld {
  const secretsDirectory = resolve(world.dataDir, 'demo');
  let port = world.port;
  let running: { providers: DemoProvider[]; close(): Promise<void> } | undefined;
  const origin = () => `http://${world.host}:${port}`;

  return {
    get origin() {
      return origin();
    },
    get identityIssuer() {
      return `${origin()}/identity`;
    },
    gatewayClient: { clientId, clientSecretFile: join(secretsDirectory, 'identity-client-secret') },
    apiAudience,
    async start() {
      // Listening comes first: every issuer URL contains the port, and a taken one is told before files are made.
      const server = createServer();
      port = await listen(server, world.host, world.port);
      try {
        running = await populate(world, server, origin(), secretsDirectory);
      } catch (error) {
        await closeServer(server);
        throw error;
      }
    },
    async stop() {
      await running?.close();
      running = undefined;
    },
    async writeCatalogue(directory) {
      if (!running) throw new Error('the demo world has not started: its URLs are not known yet');
      const entries = running.providers.map((provider) => provider.catalogueEntry);
      await writeCatalogue(directory, entries);
    },
  };
}

async function populate(
  world: DemoWorldOptions,
  server: Server,
  origin: string,
  secretsDirectory: string,
) {
  const { clock, options = {} } = world;
  const secrets = await openDemoSecrets(secretsDirectory);
  const database = await openDemoDatabase(
    join(resolve(world.dataDir), 'demo-provider.db'),
    clock.nowMs(),
  );
  const context: DemoContext = {
    origin,
    gatewayUrl: world.gatewayUrl,
    clientId,
    clock,
    logger: world.logger,
    database,
    grants: createGrantBook(database, clock),
    secrets,
    slowAnswerMs: options.slowAnswerMs ?? 20_000,
  };
  const { revolveGraceSeconds = 60, accessTokenSeconds = 3600 } = options;
  const identity = await createIdentityProvider(context);
  const providers = await Promise.all([
    createOrchard(context, { accessTokenSeconds }),
    createRevolve(context, { accessTokenSeconds, graceSeconds: revolveGraceSeconds }),
    createChatter(context),
    createHelpline(context, { accessTokenSeconds: 1800, graceSeconds: 60 }),
  ]);

  const app = await createDemoServer(server, world.logger);
  const controls = createWorldControls({
    ...world,
    providers,
    grantBook: context.grants,
  });
  identity.register(app);
  for (const provider of providers) provider.register(app);
  registerControlRoutes(app, controls);
  registerPages(app, controls);
  await app.ready();

  return {
    providers,
    async close() {
      for (const { tokenEndpoint } of providers) tokenEndpoint.stop();
      await closeServer(server);
      await database.close();
    },
  };
}
