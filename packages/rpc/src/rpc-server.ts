import { setTimeout as setTimeoutPromise } from 'node:timers/promises';
import type { Logger } from '@credential-renewal/runtime';
import {
  logVerbosity,
  type MethodDefinition,
  Server,
  ServerCredentials,
  type ServerOptions,
  setLogVerbosity,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { Registry } from 'prom-client';
import { createCallGuard } from './call-guard.ts';
import { readDescriptorSet } from './descriptor-set.ts';
import { addHealth } from './health-service.ts';
import { listen } from './listen.ts';
import { createOpenStreams, type OpenStreams } from './open-streams.ts';
import { createReflection, reflectionDefinitions } from './reflection-service.ts';
import { parseRpcAddress, type RpcAddress } from './rpc-address.ts';
import { createRpcMetrics, type RpcMetrics } from './rpc-metrics.ts';
import type { RpcDefinition } from './rpc-types.ts';
import type { ServedService } from './served-service.ts';
import type { RpcIdentity } from './tls/rpc-identity.ts';
import { createUnaryCall, type IncomingRequest, readRequest } from './unary-call.ts';

// What fails is told by a thrown error or a call's log line; grpc-js would write it to stderr beside our JSON lines.
setLogVerbosity(logVerbosity.NONE);

const maxMessageBytes = 1024 * 1024;

export type RpcServerOptions = {
  /** For logs: the name of the service that listens here. */
  name: string;
  /** `unix:/absolute/path` or `host:port`; port 0 takes a free one. */
  address: string;
  logger: Logger;
  services: ServedService[];
  /** With it, only callers over TCP with a certificate get in, each to the methods that name it. A unix socket is for its owner alone. */
  identity?: RpcIdentity | undefined;
  /** `host:port` where health is answered in plaintext besides. */
  healthAddress?: string | undefined;
  metrics?: Registry | undefined;
  /** How long `stop` waits for running calls before it cuts them off; 10 s unless given. */
  drainTimeoutMs?: number;
  /** The longest a call may take, whatever deadline its caller set; 30 s unless given. */
  callLimitMs?: number;
  /** TCP only; 5 min unless given. Without it, DNS round robin never moves clients to new replicas. */
  maxConnectionAgeMs?: number;
};

export type RpcServer = {
  /** What clients can call: as asked for, with the port that was taken for port 0. */
  address: string;
  /** Where probes ask in plaintext, if anywhere but there. */
  healthAddress: string | undefined;
  /** Refuses new calls, lets running ones finish, and closes; ends what is left after `drainTimeoutMs`. */
  stop(): Promise<void>;
};

/**
 * Serves `services` with health (`grpc.health.v1`) and reflection (`grpc.reflection.v1`).
 * Throws `RpcAddressInvalidError` or `RpcAddressUnusableError`.
 */
export async function createRpcServer(options: RpcServerOptions): Promise<RpcServer> {
  const { services, drainTimeoutMs = 10_000 } = options;
  const logger = options.logger.child({ component: 'rpc', rpc_server: options.name });
  const address = parseRpcAddress(options.address);
  const identity = address.kind === 'tcp' ? options.identity : undefined;
  const server = new Server(serverOptions(address, options.maxConnectionAgeMs ?? 5 * 60_000));
  const probed = options.healthAddress === undefined ? undefined : new Server();
  const running = new Set<Promise<unknown>>();
  const streams = createOpenStreams();

  const calls = {
    ...{ callLimitMs: options.callLimitMs ?? 30_000, logger, running },
    metrics: createRpcMetrics(options.metrics),
    isGuarded: identity !== undefined,
  };
  for (const service of services) addCalls(server, service, calls);
  const names = services.map(({ name }) => name);
  const health = addHealth(probed ? [server, probed] : [server], names, streams);
  addReflection(server, names, streams);

  const credentials = identity?.serverCredentials ?? ServerCredentials.createInsecure();
  const boundAddress = await listen(server, address, credentials);
  logger.info({ address: boundAddress, encrypted: identity !== undefined }, 'listening');
  if (address.kind === 'tcp' && !identity)
    logger.warn(
      'calls are neither encrypted nor authenticated: whoever reaches the address may call everything (RPC_TLS_DIRECTORY is not set)',
    );
  const healthAddress = await listenForProbes(probed, options.healthAddress).catch((error) => {
    server.forceShutdown();
    throw error;
  });

  return {
    address: boundAddress,
    healthAddress,
    async stop() {
      health.drain();
      const closed = new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
      streams.endAll();
      const drained = closed.then(() => {
        // A handler whose caller has gone may still be in the middle of a write.
        logger.debug({ running_calls: running.size }, 'connections are closed');
        return Promise.allSettled(running);
      });
      const isDrained = await endsWithin(drained, drainTimeoutMs);
      probed?.forceShutdown();
      if (isDrained) return;
      logger.warn({ running_calls: running.size }, 'calls were cut off: the drain took too long');
      server.forceShutdown();
    },
  };
}

async function listenForProbes(
  server: Server | undefined,
  address: string | undefined,
): Promise<string | undefined> {
  if (!server || address === undefined) return undefined;
  return listen(server, parseRpcAddress(address), ServerCredentials.createInsecure());
}

function addReflection(server: Server, services: string[], streams: OpenStreams): void {
  const reflection = createReflection(
    [...services, 'grpc.health.v1.Health'],
    readDescriptorSet(),
    streams,
  );
  for (const definition of reflectionDefinitions) server.addService(definition, reflection);
}

function addCalls(
  server: Server,
  { name, definition, handlers, callers }: ServedService,
  options: {
    callLimitMs: number;
    logger: Logger;
    metrics: RpcMetrics;
    running: Set<Promise<unknown>>;
    isGuarded: boolean;
  },
): void {
  const calls: UntypedServiceImplementation = {};
  const wire: Record<string, MethodDefinition<IncomingRequest, Buffer>> = {};
  for (const [methodName, method] of Object.entries(definition)) {
    const handler = handlers[methodName];
    if (handler === undefined) throw new Error(`${name} has no handler for ${methodName}`);
    const rpc = method.path.slice(1);
    const allowed = callers?.[methodName];
    if (options.isGuarded && allowed === undefined)
      throw new Error(`${name} does not say who may call ${methodName}`);
    const guard =
      options.isGuarded && allowed ? createCallGuard(rpc, allowed, options.metrics) : undefined;
    wire[methodName] = wireMethod(method);
    calls[methodName] = createUnaryCall({ ...options, rpc, method, handler, guard });
  }
  server.addService(wire, calls);
}

function serverOptions(address: RpcAddress, maxConnectionAgeMs: number): ServerOptions {
  return {
    'grpc.max_receive_message_length': maxMessageBytes,
    'grpc.max_send_message_length': maxMessageBytes,
    ...(address.kind === 'tcp' && {
      'grpc.max_connection_age_ms': maxConnectionAgeMs,
      // Long enough for the longest call that was running when the connection reached its age.
      'grpc.max_connection_age_grace_ms': 30_000,
    }),
  };
}

/** Requests are parsed, and answers written, where their failures can be told apart (unary-call.ts). */
function wireMethod(method: RpcDefinition[string]): MethodDefinition<IncomingRequest, Buffer> {
  return {
    ...method,
    requestDeserialize: (bytes) => readRequest(method, bytes),
    responseSerialize: (bytes) => bytes,
    responseDeserialize: (bytes) => bytes,
  };
}

/** Whether `work` settled in time. */
async function endsWithin(work: Promise<unknown>, timeoutMs: number): Promise<boolean> {
  const timeout = new AbortController();
  const late = setTimeoutPromise(timeoutMs, false, { signal: timeout.signal }).catch(() => false);
  const inTime = await Promise.race([work.then(() => true), late]);
  timeout.abort();
  return inTime;
}
