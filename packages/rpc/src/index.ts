export { answerEach } from './answer-each.ts';
export { type Caller, type CallersOf, everyCaller, type RpcCaller } from './callers.ts';
export { checkInput, type InputCheck } from './check-input.ts';
export { checkParameters, isLabel } from './check-parameters.ts';
export { durationFromMs, msFromDuration } from './duration.ts';
export { RpcAddressInvalidError, RpcAddressUnusableError } from './rpc-address.ts';
export { createRpcClient } from './rpc-client.ts';
export { openRpcEndpoint, type RpcEndpoint } from './rpc-endpoint.ts';
export { createRpcServer, type RpcServer, type RpcServerOptions } from './rpc-server.ts';
export { type RpcSettings, readRpcSettings, readTlsSettings } from './rpc-settings.ts';
export { readRpcTarget } from './rpc-target.ts';
export type {
  RpcCallOptions,
  RpcClient,
  RpcContext,
  RpcDefinition,
  RpcHandlers,
} from './rpc-types.ts';
export { type ServedService, serve } from './served-service.ts';
export { errorFromStatusMessage } from './status-mapping.ts';
