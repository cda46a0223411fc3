import { setTimeout as pause } from 'node:timers/promises';
import { backoffMs, currentTraceparent, runInOutgoingSpan } from '@credential-renewal/runtime';
import {
  Client,
  type ClientOptions,
  connectivityState,
  credentials,
  Metadata,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { parseRpcTarget } from './rpc-target.ts';
import type { RpcCallOptions, RpcClient, RpcDefinition } from './rpc-types.ts';
import { serviceName } from './served-service.ts';
import { errorFromStatus, isLostConnection, serviceUnavailableError } from './status-mapping.ts';
import type { RpcIdentity } from './tls/rpc-identity.ts';

type Method = RpcDefinition[string];

const channelOptions: ClientOptions = {
  'grpc.max_receive_message_length': 1024 * 1024,
  'grpc.max_send_message_length': 1024 * 1024,
  // Finds a peer that vanished without a word (a lost node) in 30 s; only while calls are open.
  'grpc.keepalive_time_ms': 20_000,
  'grpc.keepalive_timeout_ms': 10_000,
  // A service that restarts is back within seconds; grpc-js would wait up to two minutes.
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 2_000,
  'grpc.dns_min_time_between_resolutions_ms': 5_000,
  'grpc.service_config': JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] }),
  'grpc.service_config_disable_resolution': 1,
  // Services talk to each other directly, whatever proxy the environment names for the way out.
  'grpc.enable_http_proxy': 0,
};

/** By their names: an RPC that gets, lists, reads, resolves or describes leaves nothing behind that a second call would double. */
const readOnly = /^(get|list|read|resolve|describe)[A-Z]/;
const retryDelays = { baseMs: 20, maxMs: 500, random: Math.random };

/**
 * A promise per RPC of a generated `XService` definition. Every call has a deadline, waits within it for a service
 * that is starting, carries the current trace, and rejects with the `DomainError` that the handler threw, or with
 * SERVICE_UNAVAILABLE, DEADLINE_EXCEEDED, MESSAGE_TOO_LARGE or RPC_FAILED. After an abort by `options.signal` it
 * rejects with the signal's reason. `address` is `unix:/path`, `host:port`, or the replicas' `host:port,host:port`; each
 * address of each host gets its share of the calls. A read whose replica dies goes to the next one. So does any call that certainly
 * reached no handler; whether a lost write was done only its caller can find out.
 *
 * With an `identity` calls over TCP are encrypted, show our certificate, and go to nobody but a server with the certificate of the service that
 * the contract is named after.
 */
export function createRpcClient<D extends RpcDefinition>(
  definition: D,
  address: string,
  { deadlineMs, identity }: { deadlineMs: number; identity?: RpcIdentity | undefined },
): RpcClient<D> {
  const service = serviceName(definition);
  const target = parseRpcTarget(address);
  const secured = identity && !target.startsWith('unix:') ? secureOptions(service) : undefined;
  const channel = new Client(
    target,
    secured && identity
      ? identity.channelCredentials(secured.server)
      : credentials.createInsecure(),
    { ...channelOptions, ...secured?.options },
  );
  let isClosed = false;

  const calls = Object.entries(definition).map(([name, method]) => [
    name,
    (request: unknown, { signal, ...options }: RpcCallOptions = {}) => {
      const deadline = Date.now() + (options.deadlineMs ?? deadlineMs);
      const attempt = () =>
        runInOutgoingSpan(spanOf(method), () =>
          callOnce({ channel, service, method, deadline, signal }, request),
        );
      if (!readOnly.test(name)) return attempt();
      return repeatWhileLost(
        attempt,
        (waitMs) => isClosed || Date.now() + waitMs >= deadline,
        signal,
      );
    },
  ]);
  // Built by name from the definition whose type the signature promises.
  return {
    ...Object.fromEntries(calls),
    close() {
      isClosed = true;
      channel.close();
    },
  } as RpcClient<D>;
}

/**
 * `oauth_broker.v1.OauthBrokerService` is served by `oauth-broker`. It is also the name in the TLS greeting: an address, which grpc-js would
 * take from the target, must not stand there (RFC 6066 section 3).
 */
function secureOptions(service: string): { server: string; options: ClientOptions } {
  const server = (service.split('.')[0] ?? service).replaceAll('_', '-');
  return { server, options: { 'grpc.ssl_target_name_override': server } };
}

function spanOf({ path }: Method): Parameters<typeof runInOutgoingSpan>[0] {
  const rpc = path.slice(1);
  const attributes = { 'rpc.system.name': 'grpc', 'rpc.method': rpc };
  return { name: rpc, kind: 'client', attributes };
}

/** Until there is an answer, or another attempt after a wait would come too late. */
async function repeatWhileLost(
  attempt: () => Promise<unknown>,
  isTooLate: (waitMs: number) => boolean,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  for (let lost = 1; ; lost++) {
    try {
      return await attempt();
    } catch (error) {
      const waitMs = backoffMs(lost, retryDelays);
      if (!isLostConnection(error) || isTooLate(waitMs)) throw error;
      await pause(waitMs);
      if (isTooLate(0)) throw error;
      signal?.throwIfAborted();
    }
  }
}

type Call = {
  channel: Client;
  service: string;
  method: Method;
  deadline: number;
  signal: AbortSignal | undefined;
};

function callOnce(
  { channel, service, method, deadline, signal }: Call,
  request: unknown,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const call = channel.makeUnaryRequest(
      method.path,
      method.requestSerialize,
      method.responseDeserialize,
      request,
      callMetadata(),
      { deadline },
      (error, response) => {
        signal?.removeEventListener('abort', cancel);
        if (error === null) resolve(response);
        else if (signal?.aborted) reject(signal.reason);
        else reject(explain(error, channel, service));
      },
    );
    const cancel = () => call.cancel();
    signal?.addEventListener('abort', cancel, { once: true });
  });
}

function callMetadata(): Metadata {
  const metadata = new Metadata({ waitForReady: true });
  const traceparent = currentTraceparent();
  if (traceparent !== undefined) metadata.set('traceparent', traceparent);
  return metadata;
}

/** A deadline that passed while there was no connection says that the service is away, not that it is slow. */
function explain(error: ServiceError, channel: Client, service: string): Error {
  const connected = channel.getChannel().getConnectivityState(false) === connectivityState.READY;
  return error.code === status.DEADLINE_EXCEEDED && !connected
    ? serviceUnavailableError(service, error)
    : errorFromStatus(error, service);
}
