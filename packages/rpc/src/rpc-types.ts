import type { RpcCaller } from './callers.ts';

/** Any `XService` definition that ts-proto generates for grpc-js. */
export type RpcDefinition = Record<
  string,
  {
    path: string;
    requestStream: boolean;
    responseStream: boolean;
    // biome-ignore lint/suspicious/noExplicitAny: the message types differ per method and are inferred below.
    requestSerialize: (value: any) => Buffer;
    requestDeserialize: (bytes: Buffer) => unknown;
    // biome-ignore lint/suspicious/noExplicitAny: see above.
    responseSerialize: (value: any) => Buffer;
    responseDeserialize: (bytes: Buffer) => unknown;
  }
>;

type RequestOf<M> = M extends { requestDeserialize: (bytes: Buffer) => infer R } ? R : never;
type ResponseOf<M> = M extends { responseDeserialize: (bytes: Buffer) => infer R } ? R : never;

/** What a handler may know of the call beside the request. */
export type RpcContext = {
  /** Aborted when the caller has gone or its deadline has passed. */
  signal: AbortSignal;
  /** Absent where calls carry no certificates. */
  caller?: RpcCaller | undefined;
};

/** One async function per RPC: resolves with the response, or throws a `DomainError`. */
export type RpcHandlers<D extends RpcDefinition> = {
  [M in keyof D]: (request: RequestOf<D[M]>, context: RpcContext) => Promise<ResponseOf<D[M]>>;
};

export type RpcCallOptions = {
  /** Overrides the client's deadline for this call. */
  deadlineMs?: number;
  signal?: AbortSignal;
};

/** The caller's side of a service: failures arrive as the `DomainError` that the handler threw. */
export type RpcClient<D extends RpcDefinition> = {
  [M in keyof D]: (request: RequestOf<D[M]>, options?: RpcCallOptions) => Promise<ResponseOf<D[M]>>;
} & { close(): void };
