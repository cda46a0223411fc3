import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{packages,services,gateway,tests,proto}/**/*.test.{ts,tsx}'],
    exclude: ['**/node_modules/**', '**/dist/**'],
  },
});
