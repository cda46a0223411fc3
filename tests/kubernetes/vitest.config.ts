import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** One at a time: each installs a release of its own, and two of them ask for more CPU than a small node has to give. */
const onCluster = {
  root,
  maxWorkers: 1,
  testTimeout: 600_000,
  hookTimeout: 600_000,
  retry: process.env['CI'] === 'true' ? 1 : 0,
};

/** `npm run test:kubernetes`; never part of `npm test`, which needs neither tools nor a cluster. */
export default defineConfig({
  root,
  test: {
    globalSetup: 'tests/kubernetes/global-setup.ts',
    projects: [
      {
        test: {
          ...{ name: 'chart', root, testTimeout: 120_000 },
          include: ['tests/kubernetes/chart/**/*.test.ts'],
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...{ ...onCluster, name: 'cluster' },
          include: ['tests/kubernetes/cluster/**/*.test.ts'],
          sequence: { groupOrder: 1 },
        },
      },
      {
        // The browser goes through the demo, as anybody does who has installed it.
        test: {
          ...{ ...onCluster, name: 'demo on the cluster' },
          include: ['tests/browser/entry-points.test.ts'],
          env: { TEST_PRODUCT: 'kubernetes-demo' },
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          ...{ ...onCluster, name: 'services on the cluster' },
          include: ['tests/browser/entry-points.test.ts'],
          env: { TEST_PRODUCT: 'kubernetes' },
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
