export type {
  RpcCallOptions,
  RpcClient,
  RpcContext,
  RpcDefinition,
  RpcHandlers,
} from './rpc-types.ts';
