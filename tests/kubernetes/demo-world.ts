import { join } from 'node:path';
import { type SpawnedProcess, spawnNode } from '../system/spawned-process.ts';

/** The demo world as a process of this machine, beside a release on a cluster. */
export type DemoWorldPlan = {
  directory: string;
  port: number;
  internalPort: number;
  gatewayUrl: string;
  eventLogUrl: string;
  /** Of services, as this machine reaches them. */
  addresses: { broker: string; registry: string; notification: string };
  env: Record<string, string>;
};

const readyLine = '"msg":"ready"';

export async function startDemoWorld(plan: DemoWorldPlan): Promise<SpawnedProcess> {
  const demo = spawnNode(['services/standalone/src/demo/main.ts'], {
    PATH: process.env['PATH'],
    DEMO_PORT: String(plan.port),
    INTERNAL_PORT: String(plan.internalPort),
    DATA_DIR: plan.directory,
    PUBLIC_URL: plan.gatewayUrl,
    EVENT_LOG_URL: plan.eventLogUrl,
    BROKER_ADDRESS: plan.addresses.broker,
    REGISTRY_ADDRESS: plan.addresses.registry,
    NOTIFICATION_ADDRESS: plan.addresses.notification,
    ...plan.env,
  });
  await demo.printed(readyLine, 60_000);
  return demo;
}

/**
 * Has it write its catalogue and its secrets, which the release needs before it is there; nobody else is yet, so it hears no events.
 * Later it finds them again.
 */
export async function prepareDemoWorld(plan: DemoWorldPlan): Promise<void> {
  const eventLogUrl = `embedded:${join(plan.directory, 'nobody')}`;
  const demo = await startDemoWorld({ ...plan, eventLogUrl, env: { DEMO_SOURCES: 'false' } });
  await demo.end('SIGTERM');
}
