import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/unit/**/*.test.{ts,tsx}', 'tests/tui/**/*.test.{ts,tsx}', 'packages/*/tests/**/*.test.ts'],
    pool: 'forks',
    testTimeout: 60_000,
  },
});
