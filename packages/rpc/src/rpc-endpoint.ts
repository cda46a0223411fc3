import { degraded, type Logger, type ReadinessCheck } from '@credential-renewal/runtime';
import type { Registry } from 'prom-client';
import type { Caller } from './callers.ts';
import { createRpcClient } from './rpc-client.ts';
import { createRpcServer, type RpcServer } from './rpc-server.ts';
import type { RpcSettings } from './rpc-settings.ts';
import type { RpcClient, RpcDefinition } from './rpc-types.ts';
import type { ServedService } from './served-service.ts';
import { openRpcIdentity } from './tls/rpc-identity.ts';

/** A process's end of all its gRPC: what it serves and whom it calls, under one certificate. */
export type RpcEndpoint = {
  serve(address: string, services: ServedService[]): Promise<RpcServer>;
  /** See `createRpcClient`. */
  connect<D extends RpcDefinition>(
    definition: D,
    address: string,
    options: { deadlineMs: number },
  ): RpcClient<D>;
  readiness: Record<string, ReadinessCheck>;
  /** After its servers and clients. */
  close(): void;
};

/** `name` is what a certificate has to call this process. Throws `RpcCertificateUnusableError`. */
export function openRpcEndpoint(
  name: Caller,
  settings: RpcSettings = {},
  { logger, metrics }: { logger: Logger; metrics?: Registry },
): RpcEndpoint {
  const { tlsDirectory: directory, healthAddress } = settings;
  const identity =
    directory === undefined ? undefined : openRpcIdentity({ name, directory, logger, metrics });
  return {
    serve: (address, services) =>
      createRpcServer({ ...{ name, address, services, logger, metrics, identity, healthAddress } }),
    connect: (definition, address, options) =>
      createRpcClient(definition, address, { ...options, identity }),
    readiness: identity ? { certificate: () => degraded(identity.problem()) } : {},
    close: () => identity?.close(),
  };
}
