import { createDemoSyncWorker, type DemoSyncWorkerDeps } from '@credential-renewal/demo-provider';
import type { EventLog } from '@credential-renewal/events';
import { OauthBrokerServiceService } from '@credential-renewal/proto/oauth_broker/v1/oauth_broker';
import { SourceRegistryServiceService } from '@credential-renewal/proto/source_registry/v1/source_registry';
import type { RpcEndpoint } from '@credential-renewal/rpc';
import type { Clock, Logger } from '@credential-renewal/runtime';
import type { Stoppable } from '../start-order.ts';
import { followSources } from './known-sources.ts';

const worker = 'demo-sync';

/**
 * The demo sync worker with everything it needs, over the same gRPC that any worker uses. It may be paused before it
 * is started.
 */
export function prepareDemoWorker(options: {
  rpc: RpcEndpoint;
  brokerAddress: string;
  registryAddress: string;
  intervalMs: number;
  eventLog: EventLog;
  clock: Clock;
  logger: Logger;
  apiOrigin: () => string;
}): { setPaused(paused: boolean): void; start(): Promise<Stoppable> } {
  let setPaused = (_: boolean) => {};
  return {
    setPaused: (paused) => setPaused(paused),
    async start() {
      const broker = options.rpc.connect(OauthBrokerServiceService, options.brokerAddress, {
        deadlineMs: 20_000,
      });
      const registry = options.rpc.connect(SourceRegistryServiceService, options.registryAddress, {
        deadlineMs: 5_000,
      });
      const sources = await followSources(options.eventLog);
      const calls: Pick<
        DemoSyncWorkerDeps,
        'getAccessToken' | 'reportRejectedToken' | 'reportSynced'
      > = {
        getAccessToken: ({ accountId, sourceId }) =>
          broker.getAccessToken({
            accountId,
            target: { $case: 'sourceId', value: sourceId },
            minimumRemainingLife: undefined,
            worker,
          }),
        reportRejectedToken: ({ accountId, sourceId }, tokenHash) =>
          broker.reportRejectedToken({
            accountId,
            target: { $case: 'sourceId', value: sourceId },
            tokenHash,
            worker,
          }),
        reportSynced: ({ accountId, sourceId }, syncedAt) =>
          registry.reportSourceSynced({ accountId, sourceId, syncedAt }),
      };
      const running = createDemoSyncWorker({ ...options, ...calls, listTargets: sources.list });
      setPaused = running.setPaused;
      return {
        async stop() {
          await running.stop();
          await sources.stop();
          broker.close();
          registry.close();
        },
      };
    },
  };
}
