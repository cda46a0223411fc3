import { defineConfig } from 'vitest/config';

const exclude = ['**/node_modules/**', '**/dist/**'];

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{packages,services,gateway,proto}/**/*.test.ts', 'tests/check/**/*.test.ts'],
          exclude,
          testTimeout: 15_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        // The whole product in processes of its own: one file after the other, or two cores are not enough.
        test: {
          name: 'system',
          include: ['tests/{system,browser,faults}/**/*.test.ts'],
          exclude,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
