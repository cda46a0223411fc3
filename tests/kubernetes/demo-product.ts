import { freePorts } from '../system/free-ports.ts';
import type { Product } from '../system/product.ts';
import { until } from '../system/until.ts';
import { config } from './config.ts';
import { figure } from './figure.ts';
import { applyRelease, chart, demo } from './helm.ts';
import { splitImage } from './images.ts';
import { createNamespace, memoryOf } from './kubectl.ts';
import { notHere } from './not-here.ts';
import { startPortForward } from './port-forward.ts';

const deployment = 'deployment/test-credential-renewal-standalone';

/** The demo values on a cluster, reached as its NOTES say: through a port-forward. `env` are settings of the standalone. */
export async function startDemoProduct(env: Record<string, string> = {}): Promise<Product> {
  await using starting = new AsyncDisposableStack();
  const kubectl = await createNamespace();
  starting.defer(() => kubectl.remove());
  const { namespace } = kubectl;
  const [port = 0, demoPort = 0] = await freePorts(2);
  const values = {
    image: splitImage(config.image),
    demo: { port, demoPort, settings: typed(env) },
  };
  const beganMs = performance.now();
  await applyRelease(['install', 'test', chart, '--values', demo], {
    ...{ namespace, values, timeoutSeconds: 300 },
  });
  figure('demo: install to ready', `${((performance.now() - beganMs) / 1000).toFixed(1)} s`);
  const forward = await startPortForward(namespace, deployment, [port, demoPort]);
  starting.defer(() => forward.stop());
  const running = starting.move();
  let log = '';
  return {
    gatewayUrl: `http://localhost:${port}`,
    gatewayUrls: [`http://localhost:${port}`],
    demoUrl: `http://localhost:${demoPort}`,
    log: () => log,
    async demoSourcesMade() {
      await until(async () => {
        log = await kubectl.run('logs', deployment);
        if (!log.includes('the demo sources are there')) throw new Error('no demo sources yet');
      }, 60_000);
      figure('demo: memory in MB', JSON.stringify(await memoryOf(namespace)));
    },
    ...notHere,
    dispose: () => running.disposeAsync(),
  };
}

/** The schema of the values wants numbers and booleans where the settings are such. */
function typed(env: Record<string, string>): Record<string, unknown> {
  const value = (text: string) => (/^(\d+|true|false)$/.test(text) ? JSON.parse(text) : text);
  return Object.fromEntries(Object.entries(env).map(([name, text]) => [name, value(text)]));
}
