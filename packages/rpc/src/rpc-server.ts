import { chmod } from 'node:fs/promises';
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
import { readDescriptorSet } from './descriptor-set.ts';
import { addHealth } from './health-service.ts';
import { createOpenStreams } from './open-streams.ts';
import { createReflection, reflectionDefinitions } from './reflection-service.ts';
import {
  formatRpcAddress,
  parseRpcAddress,
  type RpcAddress,
  RpcAddressUnusableError,
} from './rpc-address.ts';
import type { RpcDefinition } from './rpc-types.ts';
import type { ServedService } from './served-service.ts';
import { removeStaleSocket } from './stale-socket.ts';
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
  /** Refuses new calls, lets running ones finish, and closes; ends what is left after `drainTimeoutMs`. */
  stop(): Promise<void>;
};

/**
 * Serves `services` with health (`grpc.health.v1`) and reflection (`grpc.reflection.v1`).
 * Throws `RpcAddressInvalidError` or `RpcAddressUnusableError`.
 */
export async function createRpcServer(options: RpcServerOptions): Promise<RpcServer> {
  const { services, callLimitMs = 30_000, drainTimeoutMs = 10_000 } = options;
  const logger = options.logger.child({ component: 'rpc', rpc_server: options.name });
  const address = parseRpcAddress(options.address);
  const server = new Server(serverOptions(address, options.maxConnectionAgeMs ?? 5 * 60_000));
  const running = new Set<Promise<unknown>>();
  const streams = createOpenStreams();

  for (const service of services) addCalls(server, service, { callLimitMs, logger, running });
  const names = services.map(({ name }) => name);
  const health = addHealth(server, names, streams);
  const reflection = createReflection(
    [...names, 'grpc.health.v1.Health'],
    readDescriptorSet(),
    streams,
  );
  for (const definition of reflectionDefinitions) server.addService(definition, reflection);

  const boundAddress = await listen(server, address);
  logger.info({ address: boundAddress }, 'listening');

  return {
    address: boundAddress,
    async stop() {
      health.drain();
      const closed = new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
      streams.endAll();
      const drained = closed.then(() => {
        // A handler whose caller has gone may still be in the middle of a write.
        logger.debug({ running_calls: running.size }, 'connections are closed');
        return Promise.allSettled(running);
      });
      if (await endsWithin(drained, drainTimeoutMs)) return;
      logger.warn({ running_calls: running.size }, 'calls were cut off: the drain took too long');
      server.forceShutdown();
    },
  };
}

function addCalls(
  server: Server,
  { name, definition, handlers }: ServedService,
  options: { callLimitMs: number; logger: Logger; running: Set<Promise<unknown>> },
): void {
  const calls: UntypedServiceImplementation = {};
  const wire: Record<string, MethodDefinition<IncomingRequest, Buffer>> = {};
  for (const [methodName, method] of Object.entries(definition)) {
    const handler = handlers[methodName];
    if (handler === undefined) throw new Error(`${name} has no handler for ${methodName}`);
    wire[methodName] = wireMethod(method);
    calls[methodName] = createUnaryCall({ rpc: method.path.slice(1), method, handler, ...options });
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

async function listen(server: Server, address: RpcAddress): Promise<string> {
  const text = formatRpcAddress(address);
  if (address.kind === 'unix') await removeStaleSocket(address.path);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(text, ServerCredentials.createInsecure(), (error, boundPort) => {
      if (error) reject(new RpcAddressUnusableError(text, bindProblem(error), error));
      else resolve(boundPort);
    });
  });
  if (address.kind === 'tcp') return formatRpcAddress({ ...address, port });
  // Whoever can open the socket can ask for tokens.
  await chmod(address.path, 0o600);
  return text;
}

/** grpc-js tells of the system's error only within its text. */
function bindProblem(error: Error): string {
  if (error.message.includes('EADDRINUSE')) return 'another process listens there';
  if (error.message.includes('EACCES')) return 'the system does not allow it to this user';
  return error.message;
}

/** Whether `work` settled in time. */
async function endsWithin(work: Promise<unknown>, timeoutMs: number): Promise<boolean> {
  const timeout = new AbortController();
  const late = setTimeoutPromise(timeoutMs, false, { signal: timeout.signal }).catch(() => false);
  const inTime = await Promise.race([work.then(() => true), late]);
  timeout.abort();
  return inTime;
}
