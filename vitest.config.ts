import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

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

/**
 * What mounts, unmounts and makes file systems on the same device again. A mount namespace that another test makes meanwhile
 * copies each mount, and the device stays in use until it ends: nothing else may run.
 */
const withDevices = [
  'tests/unit/restore/execute/{resume,power-cut}.test.ts',
  'tests/unit/restore/plan/part/*-disk.test.ts',
];

export default defineConfig({
  test: {
    projects: [
      {
        resolve,
        test: {
          name: 'unit',
          setupFiles: ['tests/tui/setup.ts'],
          include: ['tests/unit/**/*.test.{ts,tsx}', 'tests/tui/**/*.test.{ts,tsx}', 'packages/*/tests/**/*.test.ts'],
          exclude: ['**/node_modules/**', ...withDevices],
          pool: 'forks' as const,
          maxWorkers: 2,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        resolve,
        test: {
          name: 'namespaces',
          include: ['tests/namespaces/**/*.test.ts', ...withDevices],
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
