import { RekindleError } from '../common/errors/error.ts';
import { renderArgv, run } from '../common/run.ts';
import type { HookArgv } from './config.ts';

/**
 * Runs the commands in order, without a shell. @throws RekindleError RK223 at the first that fails or takes too long:
 * what it should have prepared (a database put to rest) cannot be trusted.
 */
export async function runHooks(
  hooks: readonly HookArgv[],
  options: { timeLimitSeconds: number; signal?: AbortSignal },
): Promise<void> {
  for (const argv of hooks) {
    try {
      await run(argv, {
        timeoutMs: options.timeLimitSeconds * 1000,
        ...(options.signal ? { signal: options.signal } : {}),
      });
    } catch (error) {
      const reason = error instanceof RekindleError ? error.reason : String(error);
      throw new RekindleError('RK223', reason === '' ? renderArgv(argv) : reason, { cause: error });
    }
  }
}
