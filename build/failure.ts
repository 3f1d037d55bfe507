import { setTimeout as sleep } from 'node:timers/promises';
import { RekindleError } from '../common/errors/error.ts';

const fullDisk = /no space left|ENOSPC|disk quota|exceeds free space|disc? full/i;

/**
 * What stopped `create`, in the user's terms: Ctrl-C (which the terminal sends to our tools too, so that one of them
 * may fail before we hear of it), a full disk whichever tool met it, or the error itself.
 */
export async function describeFailure(error: unknown, signal: AbortSignal): Promise<unknown> {
  if (!signal.aborted) await sleep(50);
  if (signal.aborted) return new RekindleError('RK006', 'the work directory and the unfinished medium were removed');
  if (error instanceof RekindleError && error.code === 'RK211') return error;
  const reason = error instanceof RekindleError ? error.reason : error instanceof Error ? error.message : '';
  if (fullDisk.test(reason) && !(error instanceof RekindleError && error.code !== 'RK003'))
    return new RekindleError('RK211', reason, { cause: error });
  return error;
}
