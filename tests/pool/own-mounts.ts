import { join } from 'node:path';
import { ForksPoolWorker, type PoolOptions } from 'vitest/node';

const started = join(import.meta.dirname, 'own-mounts.sh');

/** A process for one file of tests that has mounts and a /run/rekindle of its own. */
class OwnMountsWorker extends ForksPoolWorker {
  override start(): Promise<void> {
    const { execPath } = process;
    process.execPath = started; // what child_process.fork() starts; the script starts Node
    try {
      // Forks before it returns: not awaited, for two that start at once would keep the script.
      return super.start();
    } finally {
      process.execPath = execPath;
    }
  }
}

/**
 * Files of tests run side by side. Without this one's mounts would be copied into each mount namespace that another makes
 * meanwhile, and their devices stay in use until it ends; and all would write the same files below /run/rekindle.
 */
export const ownMounts = {
  name: 'own-mounts',
  createPoolWorker: (options: PoolOptions): OwnMountsWorker => new OwnMountsWorker(options),
};
