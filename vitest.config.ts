import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const exclude = ['**/node_modules/**', '**/dist/**'];
const servers = '**/*.servers.test.ts';

/**
 * Real processes and servers with time-outs of a second share two cores with each other: what fails once is tried once more, in the open (the
 * reporter says so). What fails twice has failed.
 */
const retry = process.env['CI'] === 'true' ? 1 : 0;

/** Halves the start of each process of the product but the first. `npm start` and the benches do without. */
const env = {
  NODE_COMPILE_CACHE: fileURLToPath(new URL('node_modules/.cache/node-compile', import.meta.url)),
};

/** What drives the product, however many processes it is. The others in `tests/system` are about the standalone or a service alone. */
const ofTheProduct = [
  'access',
  'bad-input',
  'callback-hardening',
  'canary',
  'drill',
  'loop',
  'metrics',
  'refresh',
  'refresh-trouble',
  'rejected-tokens',
  'renewal-rules',
  'token-requests',
  'trace',
].map((name) => `tests/system/${name}.test.ts`);

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          retry,
          include: [
            '{packages,services,gateway,proto}/**/*.test.ts',
            'tests/{check,contract,processes}/**/*.test.ts',
          ],
          exclude: [...exclude, servers],
          env,
          testTimeout: 15_000,
          // Vitest's own choice on two cores is one worker, last of all. They share what they import: half of the time went into that.
          maxWorkers: Math.max(2, availableParallelism()),
          isolate: false,
          sequence: { groupOrder: 0 },
        },
      },
      {
        // The whole product in processes of its own, which mostly wait for each other: two files at a time keep two cores busy.
        test: {
          name: 'system',
          retry,
          include: ['tests/{system,browser,faults}/**/*.test.ts'],
          exclude: [...exclude, servers],
          env,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        // Against real servers: one Kafka and one MongoDB for all, and more of both where a test kills them.
        test: {
          name: 'servers',
          retry,
          include: [
            '{packages,services,gateway}/**/*.servers.test.ts',
            'tests/{servers,engines}/**/*.test.ts',
            'tests/faults/**/*.servers.test.ts',
          ],
          exclude,
          env,
          globalSetup: 'tests/servers/global-setup.ts',
          testTimeout: 60_000,
          hookTimeout: 180_000,
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
      {
        // The same files again, and the product in five services of two processes each on MongoDB and Kafka: one at a time.
        test: {
          name: 'processes',
          retry,
          include: [...ofTheProduct, 'tests/browser/entry-points.test.ts'],
          exclude,
          env: { ...env, TEST_PRODUCT: 'processes' },
          globalSetup: 'tests/processes/global-setup.ts',
          testTimeout: 120_000,
          hookTimeout: 180_000,
          maxWorkers: 1,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
