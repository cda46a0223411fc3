import type { SourceRegistryServiceService } from '@credential-renewal/proto/source_registry/v1/source_registry';
import type { RpcHandlers } from '@credential-renewal/rpc';

export type RegistryHandlers = RpcHandlers<typeof SourceRegistryServiceService>;
export type RegistryHandler<M extends keyof RegistryHandlers> = RegistryHandlers[M];
