import type { DrillServiceService } from '@credential-renewal/proto/source_registry/v1/drills';
import type { RpcHandlers } from '@credential-renewal/rpc';
import type { RegistryDeps } from '../registry-deps.ts';
import { endDrill } from './end-drill.ts';
import { listDrills } from './list-drills.ts';
import { recordReaction } from './record-reaction.ts';
import { startDrill } from './start-drill.ts';

export type DrillHandlers = RpcHandlers<typeof DrillServiceService>;

export type DrillDeps = RegistryDeps & { drillLifetimeMs: number };

/** Every RPC of the drills, in the order of their proto. */
export function createDrillHandlers(deps: DrillDeps): DrillHandlers {
  return {
    startDrill: startDrill(deps),
    listDrills: listDrills(deps),
    recordReaction: recordReaction(deps),
    endDrill: endDrill(deps),
  };
}
