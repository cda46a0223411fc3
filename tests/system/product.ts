import type { RpcClient, RpcDefinition } from '@credential-renewal/rpc';
import { test } from 'vitest';
import { startStandaloneProcess } from './standalone-process.ts';

export type ServiceName = 'vault' | 'registry' | 'broker' | 'notification';

/** The product that a test drives, however many processes it is, with the demo world around it. */
export type Product = {
  gatewayUrl: string;
  /** Each gateway without what stands in front of them: where a live stream can be resumed, since each remembers its own. */
  gatewayUrls: [string, ...string[]];
  demoUrl: string;
  /** Where the demo world keeps what it keeps. */
  demoDirectory: string;
  /** What a client of a service calls. Only while it runs. */
  address(service: ServiceName): string;
  /** A client of a service: as a worker and as an operator. Only while it runs; to be closed. */
  connect<D extends RpcDefinition>(
    definition: D,
    service: ServiceName,
    options: { deadlineMs: number },
  ): RpcClient<D>;
  /** The log so far: JSON lines, of all processes. */
  log(): string;
  /** Resolves when the newcomer's sources are there. */
  demoSourcesMade(): Promise<void>;
  /** Ends everything with a signal; resolves with the exit code, 0 only if all ended well (null: ended by the signal). */
  end(signal?: NodeJS.Signals): Promise<number | null>;
  /** Starts it again on the same ports and data. */
  restart(): Promise<void>;
  /** All that the product has written anywhere, logs and keys included; the demo world's own aside. After its end. */
  everythingKept(): Promise<Kept[]>;
  /** Ends it if it runs, and removes its data. */
  dispose(): Promise<void>;
};

export type Kept = { name: string; bytes: Buffer };

/**
 * In processes of its own on MongoDB and Kafka, on a Kubernetes cluster (with these engines, or as the demo), or else in one process: the
 * vitest project that a file runs in says it.
 */
const kind = process.env['TEST_PRODUCT'];

/** A test of the product in processes; skipped where its servers cannot be had, which the run has told. */
export const processesTest = test.skipIf(!(await haveServers()));

/** A test of the product, however many processes it is. */
export const productTest = await testOfKind();

async function testOfKind(): Promise<typeof processesTest> {
  if (kind === 'processes') return processesTest;
  if (kind === undefined) return test.skipIf(false);
  const { clusterTest, enginesTest } = await import('../kubernetes/kubernetes-test.ts');
  return kind === 'kubernetes-demo' ? clusterTest : enginesTest;
}

async function haveServers(): Promise<boolean> {
  if (process.env['TEST_MONGODB_URL'] === undefined) return false;
  const { canStart } = await import('../servers/own-servers.ts');
  return canStart.kafka;
}

/** Starts what the run is about. */
export async function startProduct(env: Record<string, string> = {}): Promise<Product> {
  // Each only where it is asked for: the standalone's tests need no servers, and no cluster.
  switch (kind) {
    case 'processes': {
      const { startProcessProduct } = await import('../processes/process-product.ts');
      return startProcessProduct(env);
    }
    case 'kubernetes': {
      const { startKubernetesProduct } = await import('../kubernetes/kubernetes-product.ts');
      return startKubernetesProduct(env);
    }
    case 'kubernetes-demo': {
      const { startDemoProduct } = await import('../kubernetes/demo-product.ts');
      return startDemoProduct(env);
    }
    default:
      return startStandaloneProcess(env);
  }
}
