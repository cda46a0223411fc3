import { currentTraceparent } from '@credential-renewal/runtime';
import {
  Client,
  type ClientOptions,
  connectivityState,
  credentials,
  Metadata,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { formatRpcAddress, parseRpcAddress } from './rpc-address.ts';
import type { RpcCallOptions, RpcClient, RpcDefinition } from './rpc-types.ts';
import { serviceName } from './served-service.ts';
import { errorFromStatus, serviceUnavailableError } from './status-mapping.ts';

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

/**
 * A promise per RPC of a generated `XService` definition. Every call has a deadline, waits within it for a service
 * that is starting, carries the current trace, and rejects with the `DomainError` that the handler threw, or with
 * SERVICE_UNAVAILABLE, DEADLINE_EXCEEDED, MESSAGE_TOO_LARGE or RPC_FAILED. After an abort by `options.signal` it
 * rejects with the signal's reason. `address` is `unix:/path` or `host:port`; all addresses of a host get calls.
 */
export function createRpcClient<D extends RpcDefinition>(
  definition: D,
  address: string,
  { deadlineMs }: { deadlineMs: number },
): RpcClient<D> {
  const parsed = parseRpcAddress(address);
  const target = parsed.kind === 'tcp' ? `dns:///${formatRpcAddress(parsed)}` : address;
  const channel = new Client(target, credentials.createInsecure(), channelOptions);
  const service = serviceName(definition);

  const calls = Object.entries(definition).map(([name, method]) => [
    name,
    (request: unknown, options: RpcCallOptions = {}) =>
      callUnary(channel, service, method, request, {
        ...options,
        deadlineMs: options.deadlineMs ?? deadlineMs,
      }),
  ]);
  // Built by name from the definition whose type the signature promises.
  return { ...Object.fromEntries(calls), close: () => channel.close() } as RpcClient<D>;
}

function callUnary(
  channel: Client,
  service: string,
  method: Method,
  request: unknown,
  { deadlineMs, signal }: { deadlineMs: number; signal?: AbortSignal },
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const call = channel.makeUnaryRequest(
      method.path,
      method.requestSerialize,
      method.responseDeserialize,
      request,
      callMetadata(),
      { deadline: Date.now() + deadlineMs },
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
