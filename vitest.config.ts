import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { ownMounts } from './tests/pool/own-mounts.ts';

const resolve = { alias: { blessed: join(import.meta.dirname, 'tui/charts/blessed-shim.ts') } };

/** What takes both cores and minutes: one at a time. */
function slow(name: string, include: string[], timeout: number) {
  return {
    resolve,
    test: {
      name,
      include,
      pool: 'forks' as const,
      fileParallelism: false,
      testTimeout: timeout,
      hookTimeout: timeout,
    },
  };
}

function virtualMachines(name: string, include: string[]) {
  return slow(name, include, 30 * 60_000);
}

export default defineConfig({
  test: {
    projects: [
      {
        resolve,
        test: {
          name: 'unit',
          setupFiles: ['tests/tui/setup.ts'],
          include: ['tests/unit/**/*.test.{ts,tsx}', 'tests/tui/**/*.test.{ts,tsx}', 'packages/*/tests/**/*.test.ts'],
          exclude: ['**/node_modules/**'],
          pool: ownMounts,
          maxWorkers: 2,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        resolve,
        test: {
          name: 'namespaces',
          include: ['tests/namespaces/**/*.test.ts'],
          pool: 'forks' as const,
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      // Nearly a thousand runs of create: an hour.
      slow('faults', ['tests/faults/*.test.ts'], 3 * 3_600_000),
      slow('scale', ['tests/scale/*.test.ts'], 3_600_000),
      virtualMachines('vm', ['tests/vm/paths/*.test.ts']),
      virtualMachines('vm-all', ['tests/vm/{paths,matrix}/*.test.ts']),
    ],
  },
});
