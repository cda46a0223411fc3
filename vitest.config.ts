import { defineConfig } from 'vitest/config';

const exclude = ['**/node_modules/**', '**/dist/**'];

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{packages,services,gateway,proto,tests/{check,contract}}/**/*.test.ts'],
          exclude,
          testTimeout: 15_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        // The whole product in processes of its own, which mostly wait for each other: two files at a time keep two cores busy.
        test: {
          name: 'system',
          include: ['tests/{system,browser,faults}/**/*.test.ts'],
          exclude,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
