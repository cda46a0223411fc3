import type { ServiceName } from '../system/product.ts';
import { type GatewayFront, startGatewayFront } from './gateway-front.ts';
import type { ProcessPlan } from './process-plan.ts';
import { createReplica, type Replica, type ReplicaPlan } from './replica.ts';

export type RunningProcesses = {
  replicas(of: ServiceName | 'gateway'): Replica[];
  all: Replica[];
  startAll(): Promise<void>;
  /** 0 if all ended well; else the first other exit code (null: by the signal). */
  endAll(signal: NodeJS.Signals): Promise<number | null>;
  /** Starts those that have ended, at the time of the others. */
  startMissing(): Promise<void>;
  /** As a rolling update does it: no new request, SIGTERM, and the next process when this one has ended well. */
  replace(replica: Replica): Promise<void>;
};

/** The processes of a plan, and the order in which they come and go. */
export function createProcesses(plan: ProcessPlan): RunningProcesses {
  const make = (plans: readonly ReplicaPlan[]) => plans.map(createReplica);
  const { vault, registry, broker, notification } = plan.services;
  const replicas = {
    vault: make(vault),
    registry: make(registry),
    broker: make(broker),
    notification: make(notification),
    gateway: make(plan.gateways),
  };
  const gatewayPorts = plan.gatewayUrls.map((url) => Number(new URL(url).port));
  const demo = createReplica(plan.demo);
  const services = Object.values(replicas).flat();
  let front: GatewayFront | undefined;
  let offsetMs = 0;

  /** How far the demo world has moved the clocks; when it is not there, how far it had. */
  async function clockEnv(): Promise<Record<string, string>> {
    if (demo.isRunning()) {
      const answer = await fetch(`${demo.internalUrl}/clock`);
      ({ offsetMs } = (await answer.json()) as { offsetMs: number });
    }
    return { CLOCK_OFFSET_MS: String(offsetMs) };
  }

  const startThese = async (these: readonly Replica[]) => {
    const env = await clockEnv();
    await Promise.all(these.map((replica) => replica.start(env)));
  };

  async function endThese(these: readonly Replica[], signal: NodeJS.Signals) {
    const running = these.filter((replica) => replica.isRunning());
    return Promise.all(running.map((replica) => replica.end(signal)));
  }

  function gatewayPortOf(replica: Replica): number | undefined {
    return gatewayPorts[replicas.gateway.indexOf(replica)];
  }

  const processes: RunningProcesses = {
    replicas: (of) => replicas[of],
    all: [...services, demo],
    async startAll() {
      // The demo world writes the catalogue of the brokers, and the secret of the gateways.
      await startThese([demo, ...replicas.vault, ...replicas.registry, ...replicas.notification]);
      await startThese([...replicas.broker, ...replicas.gateway]);
      front = await startGatewayFront(plan.frontPort, gatewayPorts);
    },
    async endAll(signal) {
      await clockEnv();
      await front?.stop();
      front = undefined;
      // Who calls ends before those who are called.
      const codes = [
        ...(await endThese([demo, ...replicas.gateway], signal)),
        ...(await endThese([...replicas.broker, ...replicas.notification], signal)),
        ...(await endThese([...replicas.vault, ...replicas.registry], signal)),
      ];
      return codes.find((code) => code !== 0) ?? (codes.includes(null) ? null : 0);
    },
    startMissing: () => startThese(processes.all.filter((replica) => !replica.isRunning())),
    async replace(replica) {
      const port = gatewayPortOf(replica);
      if (port !== undefined) front?.drain(port);
      const code = await replica.end('SIGTERM');
      if (code !== 0) {
        const last = replica.printed().slice(-2_000);
        throw new Error(`${replica.name} ended with ${code}, having said:\n${last}`);
      }
      await startThese([replica]);
      if (port !== undefined) front?.admit(port);
    },
  };
  return processes;
}
