import type { Caller, CallersOf } from './callers.ts';
import type { RpcDefinition, RpcHandlers } from './rpc-types.ts';

type AnyHandlers = Record<string, RpcHandlers<RpcDefinition>[string]>;

/** A service and what answers its calls, ready for `createRpcServer`. */
export type ServedService = {
  /** Full name: `credential_vault.v1.CredentialVaultService`. */
  name: string;
  definition: RpcDefinition;
  handlers: AnyHandlers;
  /** By method. Absent (in tests): the service can only be served without certificates. */
  callers: Readonly<Record<string, readonly Caller[]>> | undefined;
};

/** Pairs a generated `XService` definition with a handler, and those who may call it, per RPC. */
export function serve<D extends RpcDefinition>(
  definition: D,
  handlers: RpcHandlers<D>,
  callers?: CallersOf<D>,
): ServedService {
  // The compiler has matched every handler to its method; from here on they are only called by name.
  return {
    name: serviceName(definition),
    definition,
    handlers: handlers as AnyHandlers,
    callers: callers as ServedService['callers'],
  };
}

/** `/package.Service/Method` is the path of every method. */
export function serviceName(definition: RpcDefinition): string {
  const [method] = Object.values(definition);
  if (method === undefined) throw new Error('A service definition without methods has no name');
  return method.path.split('/')[1] ?? method.path;
}
