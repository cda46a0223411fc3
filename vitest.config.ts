import { defineConfig } from 'vitest/config';

const exclude = ['**/node_modules/**', '**/dist/**'];
const servers = '**/*.servers.test.ts';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{packages,services,gateway,proto}/**/*.test.ts', 'tests/check/**/*.test.ts'],
          exclude: [...exclude, servers],
          testTimeout: 15_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        // The whole product in processes of its own, which mostly wait for each other: two files at a time keep two cores busy.
        test: {
          name: 'system',
          include: ['tests/{system,browser,faults}/**/*.test.ts'],
          exclude: [...exclude, servers],
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
          include: [
            '{packages,services,gateway}/**/*.servers.test.ts',
            'tests/{servers,engines}/**/*.test.ts',
            'tests/faults/**/*.servers.test.ts',
          ],
          exclude,
          globalSetup: 'tests/servers/global-setup.ts',
          testTimeout: 60_000,
          hookTimeout: 180_000,
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
