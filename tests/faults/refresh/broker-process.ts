import { join } from 'node:path';
import { OauthBrokerServiceService } from '@credential-renewal/proto/oauth_broker/v1/oauth_broker';
import { createRpcClient, type RpcClient } from '@credential-renewal/rpc';
import { createReplica } from '../../processes/replica.ts';
import { serverPorts } from '../../servers/server-ports.ts';
import { httpTimeoutMs, leaseTtlMs, type RefreshWorld } from './refresh-world.ts';
import { startVaultBetween, type VaultBetween } from './vault-between.ts';

export type BrokerProcess = {
  between: VaultBetween;
  rpc: RpcClient<typeof OauthBrokerServiceService>;
  address: string;
  /** kill -9. */
  kill(): Promise<void>;
  /** SIGSTOP: from now on it does nothing and knows nothing of it. */
  pause(): void;
  /** SIGCONT. */
  resume(): void;
  log(): string;
  pid(): number;
};

const usual = {
  ...{ httpTimeoutMs, leaseMs: leaseTtlMs, providerConcurrency: 200, sweepIntervalMs: 20 },
  /** As an operator runs it: nothing stands between it and the vault, and it takes what memory it likes. */
  measured: false,
};
let brokers = 0;

/** The broker as a process of its own, as an operator starts it. */
export async function startBrokerProcess(
  world: RefreshWorld,
  settings: Partial<typeof usual> = {},
): Promise<BrokerProcess> {
  const { measured, ...limits } = { ...usual, ...settings };
  const name = `p${++brokers}`;
  const [internalPort = 0] = await serverPorts(1);
  const at = (part: string) => join(world.directory, `${name}${part}`);
  const between = await startVaultBetween({
    vaultAddress: world.vaultAddress,
    listenAddress: `unix:${at('v')}`,
    logger: world.logger,
  });
  const replica = createReplica({
    name,
    main: 'services/oauth-broker/src/main.ts',
    internalPort,
    usualHeap: measured,
    env: {
      LISTEN_ADDRESS: `unix:${at('')}`,
      STORE_URL: `sqlite:${at('.db')}`,
      EVENT_LOG_URL: `embedded:${at('-events')}`,
      VAULT_ADDRESS: measured ? world.vaultAddress : between.address,
      REGISTRY_ADDRESS: world.registryAddress,
      PUBLIC_URL: 'http://localhost:3000',
      CATALOGUE_DIRECTORY: world.catalogueDirectory,
      REFRESH_HTTP_TIMEOUT_MS: String(limits.httpTimeoutMs),
      REFRESH_LEASE_MS: String(limits.leaseMs),
      SWEEP_INTERVAL_MS: String(limits.sweepIntervalMs),
      PROVIDER_CONCURRENCY: String(limits.providerConcurrency),
      CLOCK_MAY_SHIFT: 'true',
      CLOCK_OFFSET_MS: String(world.clock.offsetMs()),
    },
  });
  const rpc = createRpcClient(OauthBrokerServiceService, `unix:${at('')}`, { deadlineMs: 30_000 });
  world.endsFirst(async () => {
    rpc.close();
    await replica.end('SIGKILL');
    between.bury();
    await between.stop();
  });
  await replica.start();
  return {
    between,
    rpc,
    address: `unix:${at('')}`,
    kill: async () => void (await replica.end('SIGKILL')),
    pause: () => void process.kill(replica.pid(), 'SIGSTOP'),
    resume: () => void process.kill(replica.pid(), 'SIGCONT'),
    log: replica.log,
    pid: replica.pid,
  };
}
