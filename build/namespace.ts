import { RekindleError } from '../common/errors/error.ts';

const marker = 'REKINDLE_PRIVATE_MOUNTS';

/**
 * Starts this program again in a mount namespace of its own. What it mounts there vanishes with it, even when it is
 * killed: nothing can be left mounted on the machine. Returns only inside.
 */
export function enterPrivateMounts(): void {
  if (process.env[marker] === String(process.pid)) return;
  const environment: Record<string, string> = { [marker]: String(process.pid) };
  for (const [name, value] of Object.entries(process.env))
    if (value !== undefined && name !== marker) environment[name] = value;
  try {
    const words = process.argv.slice(
      process.argv[1] === process.execPath || process.argv[1] === process.argv[0] ? 2 : 1,
    );
    const argv = ['unshare', '--mount', '--propagation', 'private', '--', process.execPath, ...words];
    process.execve?.('/usr/bin/unshare', argv, environment);
  } catch (error) {
    throw new RekindleError('RK003', `unshare --mount: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}
